using System.Text.Json;
using Keywright.Protocol;
using Keywright.Protocol.Backup;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Opening.Backup;
using Keywright.Protocol.Sealing.Backup;
using Keywright.TestSupport;

namespace Keywright.ConformanceTests.Protocol;

/// <summary>
/// vectors/issuer, possession, certificate, entry: "message" is judged under "key" (65 bytes) and its
/// "fields" are told. vectors/chain: "certificate" is judged with "order-key" and "issuer" for the owner
/// "oem". vectors/backup: "message" is opened under "root", for "chip" and "identity", to
/// "store".
/// </summary>
public class BackupVectorTests
{
    public static TheoryData<string, string> Signed =>
        [.. new[] { "issuer", "possession", "certificate", "entry" }.SelectMany(Cases)];

    public static TheoryData<string, string> Chains => [.. Cases("chain")];

    public static TheoryData<string, string> Sealed => [.. Cases("backup")];

    [Theory]
    [MemberData(nameof(Signed))]
    public void A_signed_message_is_judged_as_its_vector_says(string message, string file)
    {
        using var vector = Read(message, file);
        var bytes = Hex(vector, "message");
        var key = PublicKey.Parse(Hex(vector, "key")).OrThrow();

        if (Told(message, bytes, key).Refused(out var fields, out var why))
        {
            Assert.Equal(Text(vector, "expect"), why.Name);
            return;
        }

        Assert.Equal("accepted", Text(vector, "expect"));
        Assert.Equal(Fields.Of(vector.RootElement), fields);
        foreach (var (bit, changed) in SingleBits.Of(bytes))
        {
            Assert.True(Told(message, changed, key).Refused(out _, out _), $"bit {bit}");
        }
    }

    [Theory]
    [MemberData(nameof(Chains))]
    [Trait("Req", "K08")]
    public void A_certificate_is_judged_with_its_issuer_as_its_vector_says(string message, string file)
    {
        using var vector = Read(message, file);
        var outcome = CertificateChain.Judge(
            new Digest(Hex(vector, "oem")), Hex(vector, "order-key"), Hex(vector, "issuer"))
            .Refused(out var chain, out var why)
            || Message.Parse<Certificate>(Hex(vector, "certificate")).Refused(out var certificate, out why)
            || chain.Verify(certificate).Refused(out _, out why)
                ? why.Name
                : "accepted";
        Assert.Equal(Text(vector, "expect"), outcome);
    }

    [Theory]
    [MemberData(nameof(Sealed))]
    public void A_backup_is_judged_as_its_vector_says(string message, string file)
    {
        using var vector = Read(message, file);
        var bytes = Hex(vector, "message");
        using var root = SealKey.FromBytes(Hex(vector, "root"));
        var chip = ChipId.Parse(Hex(vector, "chip")).OrThrow();
        var identity = new Digest(Hex(vector, "identity"));

        if (Open(bytes, root, chip, identity).Refused(out var store, out var why))
        {
            Assert.Equal(Text(vector, "expect"), why.Name);
            return;
        }

        Assert.Equal("accepted", Text(vector, "expect"));
        Assert.Equal(Hex(vector, "store"), store);
        var number = SealedBackup.Parse(bytes).OrThrow().Number;
        Assert.Equal(vector.RootElement.GetProperty("number").GetUInt64(), number);
        Assert.Equal(bytes, BackupSealer.Seal(root, chip, identity, number, store).Write());
        foreach (var (bit, changed) in SingleBits.Of(bytes))
        {
            Assert.True(Open(changed, root, chip, identity).Refused(out _, out _), $"bit {bit}");
        }
    }

    private static Outcome<string> Told(string message, byte[] bytes, PublicKey key) => message switch
    {
        "issuer" => Told<Issuer>(bytes, key, it => Fields.Of(it.Issuing, it.Product, it.Log)),
        "possession" => Told<Possession>(bytes, key, it => Fields.Of(
            it.Chip, it.Device, it.Kem.Bytes.ToArray(), it.Tls, it.Nonce)),
        "certificate" => Told<Certificate>(bytes, key, it => Fields.Of(
            it.Chip,
            it.Device,
            it.DeviceType,
            it.Identity,
            it.Tls,
            it.Kem.Bytes.ToArray(),
            it.Issued,
            it.Station,
            it.Product)),
        _ => Told<Entry>(bytes, key, it => Fields.Of(
            it.Backup.Number, it.BackupBytes, it.CertificateBytes)),
    };

    private static Outcome<string> Told<T>(byte[] bytes, PublicKey key, Func<T, string> fields)
        where T : IMessage<T>
    {
        if (Message.Parse<T>(bytes).Refused(out var claimed, out var why)
            || claimed.VerifySignature(key).Refused(out var verified, out why))
        {
            return why;
        }

        return fields(verified.Content);
    }

    private static Outcome<byte[]> Open(byte[] bytes, Secret root, ChipId chip, Digest identity) =>
        SealedBackup.Parse(bytes).Refused(out var backup, out var why)
            ? why
            : BackupOpener.Open(root, chip, identity, backup);

    private static IEnumerable<(string, string)> Cases(string message) =>
        Directory.GetFiles(Repository.PathTo("vectors", message)).Order()
            .Select(file => (message, Path.GetFileName(file)));

    private static JsonDocument Read(string message, string file) =>
        JsonDocument.Parse(File.ReadAllBytes(Repository.PathTo("vectors", message, file)));

    private static string Text(JsonDocument vector, string name) =>
        vector.RootElement.GetProperty(name).GetString()!;

    private static byte[] Hex(JsonDocument vector, string name) => Convert.FromHexString(Text(vector, name));
}
