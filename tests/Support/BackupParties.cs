using Keywright.Protocol;
using Keywright.Protocol.Backup;
using Keywright.Protocol.Backup.Log;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Sealing.Backup;
using Keywright.PublicDirectory.Backup;

namespace Keywright.TestSupport;

/// <summary>
/// An OEM, its issuing key, a log, and chips with their keys: all parties of the backup story, from a seed.
/// </summary>
internal sealed class BackupParties
{
    public const string LogName = "directory.example/log";
    public const string Product = "thermostat";

    private readonly SeededEntropy entropy;

    public BackupParties(ulong seed = 1)
    {
        entropy = new SeededEntropy(seed);
        OrderKey = SigningKey.Generate(entropy);
        IssuingKey = SigningKey.Generate(entropy);
        LogSigner = SigningKey.Generate(entropy);
        LogKey = new LogKey(LogName, LogSigner.Public);
        Issuer = IssuerOf(Product);
    }

    public SigningKey OrderKey { get; }

    public SigningKey IssuingKey { get; }

    public SigningKey LogSigner { get; }

    public LogKey LogKey { get; }

    public Verified<Issuer> Issuer { get; }

    /// <summary>An Issuer for another product of this OEM, with the same issuing key and log.</summary>
    public Verified<Issuer> IssuerOf(string product) =>
        Message.Sign(new Issuer(IssuingKey.Public, product, LogKey.ToString()), OrderKey);

    public DirectoryLog OpenDirectory(IDirectoryFiles files) => DirectoryLog.Open(files, LogName, LogSigner);

    public void AdmitTo(DirectoryLog log) =>
        log.Admit(OrderKey.Public.Id, OrderKey.Public.Bytes, Issuer.Bytes).OrThrow();

    public BackupChip NewChip(string device)
    {
        var random = new byte[16];
        entropy.Fill(random);
        var root = new byte[32];
        entropy.Fill(root);
        return new BackupChip(
            ChipId.FromRandom(random),
            DeviceId.Parse(device).OrThrow(),
            SigningKey.Generate(entropy),
            SigningKey.Generate(entropy),
            HpkePrivateKey.Generate(entropy),
            SealKey.FromBytes(root));
    }

    public Verified<Certificate> Certify(BackupChip chip, SigningKey? issuing = null) => Message.Sign(
        new Certificate
        {
            Chip = chip.Id,
            Device = chip.Device,
            DeviceType = "th-100",
            Identity = chip.Identity.Public,
            Tls = chip.Tls.Public,
            Kem = chip.Kem.Public,
            Issued = 1_790_000_000,
            Station = "station-1",
            Product = Product,
        },
        issuing ?? IssuingKey);

    /// <summary>An entry of a chip with a key store of the given number.</summary>
    public byte[] EntryOf(
        BackupChip chip, ulong number, string store = "keys", Verified<Certificate>? certificate = null)
    {
        var backup = BackupSealer.Seal(
            chip.BackupRoot, chip.Id, chip.Device.Hash(), number, System.Text.Encoding.ASCII.GetBytes(store));
        return Message.Sign(Entry.Of(backup, certificate ?? Certify(chip)), chip.Identity).Bytes.ToArray();
    }
}

/// <summary>What a chip holds for backups.</summary>
internal sealed record BackupChip(
    ChipId Id, DeviceId Device, SigningKey Identity, SigningKey Tls, HpkePrivateKey Kem, Secret BackupRoot);
