using System.Text;
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

    public static string Account(JsonElement state, JsonElement input)
    {
        const string Name = "chip-1";
        using var oem = Named.Signer("oem");
        var packages = new[] { Named.Digest("package-1") };
        var order = Message.Sign(
            new Order("order-1", "kettle", "north", "otter", [7], 9, PackageMode.Family, packages, 0), oem);
        var list = ListOf("otter", 7, state.Flag("listed") ? [Name] : []);
        var receipt = Receipt(new Said(Name, Name, Name), order.Digest);
        ReadOnlyMemory<byte>[] receipts = state.Flag("receipt") ? [receipt] : [];
        var before = state.Flag("counted") ? new CountedChips(order.Digest, [.. list.Leaves]) : null;
        var said = input.Text("standing") is { } standing
            ? $$"""
                {"chip":"{{Named.Chip(Name)}}","standing":"{{standing}}","serial":null,"what":null,"returned":null}
                """
            : "";
        var digest = input.Text("order") == "order-1" ? order.Digest : Named.Digest(input.Text("order"));
        var account = StationAccount.Parse(
            Encoding.UTF8.GetBytes($$"""{"order":"{{digest}}","chips":[{{said}}]}""")).OrThrow();
        var count = CountReceipts.Run(order, [list], receipts, before);
        if (AccountForLot.Run(count, [list], account).Refused(out var lot, out var why))
        {
            return why.Name;
        }

        var standings = new (string Name, int Count)[]
        {
            ("provisioned", lot.Provisioned.Count), ("failed", lot.Failed.Count), ("scrapped", lot.Scrapped.Count),
            ("open", lot.Open.Count), ("left out", 1 - lot.Issued),
        };
        return standings.Single(each => each.Count == 1).Name + (lot.Contradictions.Count > 0 ? ", contradicted" : "");
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

    private static ListedChips ListOf(JsonElement list) =>
        ListOf(list.Text("family")!, list.Number("lot"), list.Texts("chips"));

    private static ListedChips ListOf(string family, uint lot, IEnumerable<string> chips)
    {
        using var chipMaker = Named.Signer("chip maker");
        var (signed, leaves) = ListedChips.Compose(
            family,
            lot,
            chips.Select(chip => new ChipLeaf(
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
