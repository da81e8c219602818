using Keywright.Protocol.Cbor;
using Keywright.Protocol.Cose;

namespace Keywright.Protocol.Backup;

/// <summary>
/// S1&lt;backup, identity key&gt;: what the public directory keeps of a chip, and a leaf of its log
/// (docs/spec/backup.md §6). Both parts are byte strings of their own and stay as they were received.
/// </summary>
public sealed record Entry(
    SealedBackup Backup,
    ReadOnlyMemory<byte> BackupBytes,
    Unverified<Certificate> Certificate,
    ReadOnlyMemory<byte> CertificateBytes) : IMessage<Entry>
{
    public static MessageType Type { get; } =
        new("backup", Protection.Signature, SealedBackup.MaxSizeBytes + 1024);

    /// <summary>Puts a Backup and a Certificate together.</summary>
    public static Entry Of(SealedBackup backup, Verified<Certificate> certificate) => new(
        backup, backup.Write(), Message.Parse<Certificate>(certificate.Bytes).OrThrow(), certificate.Bytes);

    public static Entry Read(ref CborReader reader)
    {
        reader.Map(3);
        reader.Version(1);
        reader.Key(1);
        var backupBytes = reader.Bytes(0, SealedBackup.MaxSizeBytes).ToArray();
        if (SealedBackup.Parse(backupBytes).Refused(out var backup, out var why))
        {
            reader.Refuse(why.Reason, why.Detail);
        }

        reader.Key(2);
        var certificateBytes = reader.Bytes(0, Protocol.Backup.Certificate.Type.MaxSizeBytes).ToArray();
        if (Message.Parse<Certificate>(certificateBytes).Refused(out var certificate, out why))
        {
            reader.Refuse(why.Reason, why.Detail);
        }

        reader.EndMap();
        return reader.Failed ? Nothing : new Entry(backup!, backupBytes, certificate!, certificateBytes);
    }

    public void Write(CborWriter writer) => writer.Map(3)
        .Key(0).UInt(1)
        .Key(1).Bytes(BackupBytes.Span)
        .Key(2).Bytes(CertificateBytes.Span);

    // What a refused reader hands back; nobody ever sees it.
    private static readonly Entry Nothing = new(new SealedBackup(0, default), default, null!, default);
}
