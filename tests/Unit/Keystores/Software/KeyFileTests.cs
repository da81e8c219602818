using System.Runtime.Versioning;
using Keywright.Keystores.Software;
using Keywright.Protocol;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Keys;

namespace Keywright.UnitTests.Keystores.Software;

public sealed class KeyFileTests : IDisposable
{
    private const int FewIterations = 3;

    private readonly TemporaryFolder folder = new();
    private readonly SeededEntropy entropy = new(3);
    private readonly Passphrase passphrase = Passphrase.FromText("correct horse");

    private string FileName => folder.PathTo("site.keys");

    [Fact]
    public void Keys_of_every_kind_come_back_under_their_names()
    {
        using var signing = SigningKey.Generate(entropy);
        using var opening = HpkePrivateKey.Generate(entropy);
        using var master = SealKey.FromBytes(Digest.Of("master"u8).ToArray());
        using var record = new SecretRecord(new byte[SecretRecord.MaxSize]);
        using (var made = KeyFile.Create(FileName, passphrase, entropy, FewIterations))
        {
            made.Add("family", record);
            made.Add("programming", signing);
            made.Add("key lists", opening);
            made.Add("master", master);
            made.Save();
        }

        using var file = KeyFile.Open(FileName, passphrase, entropy).OrThrow();
        Assert.Equal(["family", "key lists", "master", "programming"], file.Names);
        Assert.Equal(signing.Public, file.Signing("programming").OrThrow().Public);
        Assert.Equal(opening.Public, file.Opening("key lists").OrThrow().Public);
        Assert.Equal(master.Expose(), file.Symmetric<SealKey>("master").OrThrow().Expose());
        Assert.Equal(record.Expose(), file.Record("family").OrThrow().Expose());
    }

    [Fact]
    public void A_record_is_no_key_and_has_its_own_limit()
    {
        using var file = KeyFile.Create(FileName, passphrase, entropy, FewIterations);
        file.Add("family", new SecretRecord(new byte[32]));
        Assert.Equal(Reason.UnknownKey, ReasonOf(file.Signing("family")));
        Assert.Equal(Reason.UnknownKey, ReasonOf(file.Symmetric<SealKey>("family")));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SecretRecord(new byte[SecretRecord.MaxSize + 1]));
    }

    [Fact]
    public void A_key_serves_the_use_it_was_added_for_and_no_other()
    {
        using var file = KeyFile.Create(FileName, passphrase, entropy, FewIterations);
        file.Add("master", SealKey.FromBytes(new byte[32]));
        Assert.Equal(Reason.UnknownKey, ReasonOf(file.Signing("master")));
        Assert.Equal(Reason.UnknownKey, ReasonOf(file.Opening("master")));
        Assert.Equal(Reason.UnknownKey, ReasonOf(file.Symmetric<SealKey>("other")));
        Assert.Throws<ArgumentException>(() => file.Add("master", SealKey.FromBytes(new byte[32])));
        file.Remove("master");
        file.Remove("master");
        Assert.Equal(Reason.UnknownKey, ReasonOf(file.Symmetric<SealKey>("master")));
    }

    [Fact]
    public void Changes_that_were_not_saved_are_not_there()
    {
        using (var made = KeyFile.Create(FileName, passphrase, entropy, FewIterations))
        {
            made.Add("master", SealKey.FromBytes(new byte[32]));
        }

        Assert.Empty(KeyFile.Open(FileName, passphrase, entropy).OrThrow().Names);
        Assert.Throws<IOException>(() => KeyFile.Create(FileName, passphrase, entropy, FewIterations));
        Assert.False(File.Exists(FileName + ".new"));
    }

    [Fact]
    public void Another_passphrase_is_refused()
    {
        KeyFile.Create(FileName, passphrase, entropy, FewIterations).Dispose();
        using var wrong = Passphrase.FromText("correct horsf");
        Assert.Equal(Reason.BadSeal, ReasonOf(KeyFile.Open(FileName, wrong, entropy)));
    }

    [Fact]
    public void Every_changed_bit_is_refused()
    {
        using (var made = KeyFile.Create(FileName, passphrase, entropy, FewIterations))
        {
            made.Add("master", SealKey.FromBytes(new byte[32]));
            made.Save();
        }

        var whole = File.ReadAllBytes(FileName);
        for (var bit = 0; bit < whole.Length * 8; bit++)
        {
            var changed = whole.ToArray();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            File.WriteAllBytes(FileName, changed);
            Assert.True(KeyFile.Open(FileName, passphrase, entropy).Refused(out _, out _), $"bit {bit}");
        }
    }

    [Theory]
    [InlineData(Reason.Malformed, "00")]
    [InlineData(Reason.WrongVersion, "a50002")]
    [InlineData(Reason.WrongAlgorithm, "a50001016473637279")]
    public void What_is_no_key_file_is_refused(Reason reason, string hex)
    {
        File.WriteAllBytes(FileName, Convert.FromHexString(hex));
        Assert.Equal(reason, ReasonOf(KeyFile.Open(FileName, passphrase, entropy)));
        File.WriteAllBytes(FileName, new byte[70_000]);
        Assert.Equal(Reason.TooLarge, ReasonOf(KeyFile.Open(FileName, passphrase, entropy)));
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void Nobody_but_its_owner_may_read_it()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "file modes are Unix's");
        using var file = KeyFile.Create(FileName, passphrase, entropy, FewIterations);
        File.SetUnixFileMode(FileName, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        file.Save();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(FileName));
    }

    [Fact]
    [Trait("Req", "T01")]
    public void A_record_key_opens_in_its_place_and_under_its_master_key_alone()
    {
        using var master = SealKey.FromBytes(Digest.Of("master"u8).ToArray());
        using var other = SealKey.FromBytes(Digest.Of("other"u8).ToArray());
        using var key = DeviceKey.FromBytes(Digest.Of("key"u8).ToArray());
        var sealer = new SoftwareRecordSealer(master, entropy);
        var here = CborItem.Array("device key", 1);
        var kept = sealer.Seal(key, here);
        Assert.Equal(-1, kept.AsSpan().IndexOf(key.Expose()));
        Assert.Equal(key.Expose(), sealer.Open<DeviceKey>(kept, here).Expose());
        Assert.Throws<InvalidDataException>(
            () => sealer.Open<DeviceKey>(kept, CborItem.Array("device key", 2)));
        Assert.Throws<InvalidDataException>(
            () => new SoftwareRecordSealer(other, entropy).Open<DeviceKey>(kept, here));
    }

    public void Dispose()
    {
        passphrase.Dispose();
        folder.Dispose();
    }

    private static Reason ReasonOf<T>(Outcome<T> outcome)
        where T : notnull
    {
        Assert.True(outcome.Refused(out _, out var why));
        return why.Reason;
    }
}
