using System.Text;
using System.Text.Json.Nodes;
using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Protocol;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Opening;
using Keywright.Protocol.Provisioning;

namespace Keywright.ConformanceTests.Protocol;

/// <summary>The messages of docs/spec/provisioning.md, case by case, each with what to expect.</summary>
[Trait("Req", "I03")]
public sealed class ProvisioningVectorTests
{
    [Theory]
    [MemberData(nameof(Cases), "order")]
    public void Orders_are_judged_as_the_vectors_say(string path) =>
        JudgeSigned<Order>(path, order => new JsonObject
        {
            ["id"] = order.Id,
            ["product"] = order.Product,
            ["factory"] = order.Factory,
            ["family"] = order.Family,
            ["lots"] = new JsonArray([.. order.Lots.Select(lot => JsonValue.Create(lot))]),
            ["quota"] = order.Quota,
            ["mode"] = (int)order.Mode,
            ["packages"] = new JsonArray(
            [.. order.Packages.Select(package => JsonValue.Create(package.ToString()))]),
            ["issued"] = order.IssuedUnixSeconds,
        });

    [Theory]
    [MemberData(nameof(Cases), "receipt")]
    public void Receipts_are_judged_as_the_vectors_say(string path) =>
        JudgeSigned<Receipt>(path, receipt => new JsonObject
        {
            ["chip"] = receipt.Chip.ToString(),
            ["order"] = receipt.Order.ToString(),
            ["package"] = receipt.Package.ToString(),
            ["lifecycle"] = receipt.Lifecycle,
            ["debug"] = receipt.Debug,
            ["identity"] = Hex(receipt.Identity.Bytes),
            ["kem"] = Hex(receipt.Kem.Bytes),
        });

    [Theory]
    [MemberData(nameof(Cases), "counted-chips")]
    public void Counted_chips_are_judged_as_the_vectors_say(string path) =>
        JudgeSigned<CountedChips>(path, counted => new JsonObject
        {
            ["order"] = counted.Order.ToString(),
            ["chips"] = new JsonArray([.. counted.Chips.Select(leaf => (JsonNode)new JsonObject
            {
                ["chip"] = leaf.Chip.ToString(),
                ["identity"] = Hex(leaf.Identity.Bytes),
                ["kem"] = Hex(leaf.Kem.Bytes),
            })]),
        });

    [Theory]
    [MemberData(nameof(Cases), "program")]
    public void Programs_are_judged_as_the_vectors_say(string path)
    {
        var vector = Read(path);
        var key = PublicKey.Parse(Bytes(vector, "key")).OrThrow();

        var outcome = SignedProgram.Verify(Bytes(vector, "message"), key);

        Assert.Equal(Expected(vector), outcome.Refused(out var program, out var why) ? why.Name : "accepted");
        if (program is not null)
        {
            Assert.True(JsonNode.DeepEquals(vector["says"], new JsonObject
            {
                ["family"] = program.Content.Family,
                ["epoch"] = program.Content.Epoch,
                ["version"] = program.Content.Version,
                ["commands"] = new JsonArray(
                    [.. program.Content.Commands.Select(command => (JsonNode)new JsonObject
                {
                    ["name"] = command.Name,
                    ["code"] = Hex(InstructionCode.Encode(command.Instructions)),
                })]),
            }));
        }
    }

    [Theory]
    [MemberData(nameof(Cases), "chip-list")]
    public void Chip_lists_are_judged_as_the_vectors_say(string path)
    {
        var vector = Read(path);
        var key = PublicKey.Parse(Bytes(vector, "key")).OrThrow();

        var outcome = ListedChips.Verify(Bytes(vector, "message"), Bytes(vector, "leaves"), key);

        Assert.Equal(Expected(vector), outcome.Refused(out var chips, out var why) ? why.Name : "accepted");
        if (chips is not null)
        {
            var says = vector["says"]!;
            Assert.Equal(
                ((string)says["family"]!, (uint)says["lot"]!, (string)says["root"]!, chips.Leaves.Count),
                (chips.List.Family, chips.List.Lot, chips.List.Root.ToString(), (int)says["count"]!));
            Assert.Equal(says["chips"]!.AsArray().Select(chip => (string)chip!), chips.Leaves.Select(
                leaf => leaf.Chip.ToString()));
        }
    }

    [Theory]
    [MemberData(nameof(Cases), "package")]
    [MemberData(nameof(Cases), "unlock")]
    public void A_chip_judges_packages_and_unlocks_as_the_vectors_say(string path)
    {
        var vector = Read(path);
        var host = new MemoryHost()
            .With("program", Bytes(vector, "program"))
            .With("command", Encoding.UTF8.GetBytes((string)vector["command"]!))
            .With("package", Bytes(vector, "package"))
            .With("unlock", Bytes(vector, "unlock"))
            .With("order", Bytes(vector, "order"))
            .With("order-key", Bytes(vector, "orderKey"));

        Assert.Equal(Expected(vector), Execute(vector, host));
        if (vector["kem"] is not null)
        {
            using var chip = ChipOf(vector);
            Assert.Equal(Kem(vector).Public, FactsOf(chip).Kem);
        }

        if (vector["digest"] is { } digest)
        {
            Assert.Equal((string)digest!, PackageDigest.Of(Bytes(vector, "package")).OrThrow().ToString());
        }
    }

    [Theory]
    [MemberData(nameof(Cases), "keep")]
    public void A_chip_judges_kept_halves_as_the_vectors_say(string path)
    {
        var vector = Read(path);
        var host = new MemoryHost()
            .With("program", Bytes(vector, "program"))
            .With("command", "regenerate"u8.ToArray())
            .With("plan", Bytes(vector, "plan"))
            .With("content", ReadOnlyMemory<byte>.Empty)
            .With("keep-input", Bytes(vector, "keepInput"))
            .With("keep-share", Bytes(vector, "keepShare"));

        Assert.Equal(Expected(vector), Execute(vector, host));
    }

    [Theory]
    [MemberData(nameof(Cases), "unlocking")]
    public void A_chip_makes_unlocks_as_the_vectors_say(string path)
    {
        var vector = Read(path);
        var package = Bytes(vector, "package");
        var host = new MemoryHost()
            .With("program", Bytes(vector, "program"))
            .With("command", Encoding.UTF8.GetBytes((string)vector["command"]!))
            .With("package", package)
            .With("keep-input", Bytes(vector, "keepInput"))
            .With("keep-share", Bytes(vector, "keepShare"));
        if (vector["list"] is not null)
        {
            host.With("list", Bytes(vector, "list")).With("leaf", Bytes(vector, "leaf"));
        }

        Assert.Equal(Expected(vector), Execute(vector, host));
        if (vector["emitted"] is { } unlock)
        {
            Assert.Equal((string)unlock!, Hex(host.Emitted("unlock")));
        }
        else if (vector["named"] is { } named)
        {
            var header = PackageDigest.ParseHeader(package).OrThrow();
            var (whom, sealedShare) = UnlockOf(host.Emitted("unlock"));
            var info = CborItem.Array("provisioning", header.Epoch, "chip unlock", header.Hash, whom);
            Assert.Equal((string)named!, Hex(whom));
            Assert.Equal(
                (string)vector["oemShare"]!,
                Hex(HpkeOpener.Open(sealedShare, info, Kem(vector), SealKey.Size).OrThrow()));
        }
    }

    public static TheoryData<string> Cases(string folder) =>
        [.. Directory.GetFiles(Repository.PathTo("vectors", folder), "*.json").Order().Select(
            path => Path.GetRelativePath(Repository.Root, path))];

    private static void JudgeSigned<T>(string path, Func<T, JsonNode> says)
        where T : IMessage<T>
    {
        var vector = Read(path);
        var key = PublicKey.Parse(Bytes(vector, "key")).OrThrow();
        var refused = Message.Parse<T>(Bytes(vector, "message")).Refused(out var parsed, out var why)
            | (parsed is not null && parsed.VerifySignature(key).Refused(out _, out why));

        Assert.Equal(Expected(vector), refused ? why!.Name : "accepted");
        if (!refused)
        {
            Assert.Equal((string)vector["digest"]!, parsed!.Digest.ToString());
            Assert.Equal(vector["says"]!.ToJsonString(), says(parsed.Claimed).ToJsonString());
        }
    }

    private static string Execute(JsonObject vector, MemoryHost host)
    {
        using var chip = ChipOf(vector);
        return chip.Execute("provisioning", host)?.Name ?? "accepted";
    }

    private static BootedDevice ChipOf(JsonObject vector) => BootedDevice.Boot(SoftChip.Fabricate(
        ImmutableMemory.Read(Bytes(vector, "chip")).OrThrow(),
        new SeededNoise(1),
        new byte[SoftChip.TesterSize]));

    private static ChipFacts FactsOf(BootedDevice chip)
    {
        var host = new MemoryHost();
        Assert.Null(chip.Execute("identify", host));
        return ChipFacts.Parse(host.Emitted("facts")).OrThrow();
    }

    private static HpkePrivateKey Kem(JsonObject vector) => HpkePrivateKey.FromScalar(Bytes(vector, "kem"));

    private static (byte[] Whom, byte[] Sealed) UnlockOf(byte[] unlock)
    {
        var reader = new CborReader(unlock);
        reader.Array(3, 3);
        reader.UInt32();
        return (reader.Bytes().ToArray(), reader.Bytes().ToArray());
    }

    private static JsonObject Read(string path) =>
        JsonNode.Parse(File.ReadAllText(Repository.PathTo(path)))!.AsObject();

    private static byte[] Bytes(JsonObject vector, string field) =>
        Convert.FromHexString((string)vector[field]!);

    private static string Expected(JsonObject vector) => (string)vector["expect"]!;

    private static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);
}
