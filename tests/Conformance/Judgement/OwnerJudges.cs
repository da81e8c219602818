using System.Text.Json;
using Keywright.Owner.Provisioning;
using Keywright.Protocol;
using Keywright.Protocol.Cose;
using Keywright.Protocol.KeyDownload;
using Keywright.Protocol.Provisioning;

namespace Keywright.ConformanceTests.Judgement;

/// <summary>How an OEM counts receipts (provisioning.md §8), and what a SAM answers (keydownload.md §4).</summary>
internal static class OwnerJudges
{
    public static string Receipt(JsonElement state, JsonElement input)
    {
        using var oem = Named.Signer("oem");
        var order = Message.Sign(
            new Order(
                "order-1",
                "kettle",
                "north",
                state.Text("family")!,
                [.. state.GetProperty("lots").EnumerateArray().Select(lot => lot.GetUInt32())],
                state.Number("quota"),
                PackageMode.Family,
                [.. state.Texts("packages").Select(Named.Digest)],
                0),
            oem);
        var list = ListOf(state.GetProperty("list"));
        var counted = state.Texts("counted")
            .Select(chip => Receipt(new Said(chip, chip, chip), order.Digest))
            .ToList();
        counted.Add(Receipt(
            new Said(input.Text("chip")!, input.Text("signed-by")!, input.Text("keys-of")!)
            {
                Package = input.Text("package")!,
                Lifecycle = input.Number("lifecycle"),
                Debug = input.Flag("debug"),
            },
            input.Text("order") == "order-1" ? order.Digest : Named.Digest(input.Text("order"))));
        var count = CountReceipts.Run(order, [list], counted);

        // What was counted before is good, so that what is refused is the one at the end.
        return count.Refused is [var refused] ? refused.Refusal.Name
            : count.OverQuota.Contains(Named.Chip(input.Text("chip")!)) ? Refusal.NameOf(Reason.OverQuota)
            : "accepted";
    }

    public static string ExportKey(JsonElement state, JsonElement input)
    {
        var record = new SamRecord(
            [.. state.Texts("units").Select(Serial)],
            [
                .. state.GetProperty("keys").EnumerateArray()
                    .Select(key => new ApplicationKeyRecord(
                        key.Number("ref1"), "D0", 'B', 1, 1, (int)key.Number("ceiling"), (int)key.Number("exported")))
                    .Select(key => KeyValuePair.Create(key.Ref1, key)),
            ],
            state.Flag("authorised"));
        var request = new ExportKey(
            new Challenge(new byte[Challenge.Size]), input.Number("ref1"), Serial(input.Text("unit")!));
        return record.Judge(request).Refused(out _, out var why) ? why.Name : "accepted";
    }

    private static ListedChips ListOf(JsonElement list)
    {
        using var chipMaker = Named.Signer("chip maker");
        var (signed, leaves) = ListedChips.Compose(
            list.Text("family")!,
            list.Number("lot"),
            list.Texts("chips").Select(chip => new ChipLeaf(
                Named.Chip(chip), Named.Signer(chip).Public, Named.Recipient(chip).Public)));
        return ListedChips.Verify(Message.Sign(signed, chipMaker).Bytes, leaves, chipMaker.Public).OrThrow();
    }

    private static ReadOnlyMemory<byte> Receipt(Said said, Digest order)
    {
        using var signer = Named.Signer(said.SignedBy);
        return Message.Sign(
            new Receipt(
                Named.Chip(said.Chip),
                order,
                Named.Digest(said.Package),
                said.Lifecycle,
                said.Debug,
                Named.Signer(said.KeysOf).Public,
                Named.Recipient(said.KeysOf).Public),
            signer).Bytes;
    }

    private static SerialNumber Serial(string hex) => new(Convert.FromHexString(hex));

    private sealed record Said(string Chip, string SignedBy, string KeysOf)
    {
        public string Package { get; init; } = "package-1";

        public uint Lifecycle { get; init; } = 1;

        public bool Debug { get; init; }
    }
}
