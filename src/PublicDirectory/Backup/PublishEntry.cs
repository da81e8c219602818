using Keywright.Protocol;
using Keywright.Protocol.Backup;
using Keywright.Protocol.Backup.Log;
using Keywright.Protocol.Cose;

namespace Keywright.PublicDirectory.Backup;

/// <summary>
/// Takes an Entry into the directory, after all that one who cannot open it can verify (docs/spec/backup.md
/// §7.2). The same Entry again gives the same place again.
/// </summary>
public static class PublishEntry
{
    /// <summary>
    /// Refusals, in this order: those of <see cref="Message.Parse{T}"/>; BrokenChain (a certificate of no
    /// Issuer here, or of another product); BadSignature (not signed by the certificate's identity key); WrongIdentity (the chip is
    /// here under another identity); StaleBackup (a number below the last one, or the last one with another
    /// Backup).
    /// </summary>
    public static Outcome<ListedEntry> Run(DirectoryLog log, ReadOnlyMemory<byte> entry)
    {
        if (Judge(log, entry).Refused(out var judged, out var why))
        {
            return why;
        }

        var (content, issuer) = judged;
        var chip = content.Certificate.Claimed.Chip;
        var list = DirectoryReader.List(log.Files, chip);
        var leafHash = MerkleTree.LeafHash(entry.Span);
        if (list.FirstOrDefault(listed => listed.LeafHash == leafHash) is { } there)
        {
            return there;
        }

        if (list.Count > 0 && JudgeAgainst(Last(log, chip, list[^1]), content) is { } stale)
        {
            return stale;
        }

        return log.Append(chip, content.Backup.Number, issuer, entry.Span);
    }

    private static Outcome<Judged> Judge(DirectoryLog log, ReadOnlyMemory<byte> entry)
    {
        if (Message.Parse<Entry>(entry).Refused(out var claimed, out var why))
        {
            return why;
        }

        var certificate = claimed.Claimed.Certificate;
        var issuer = log.Issuers.Values
            .FirstOrDefault(chain => !chain.Verify(certificate).Refused(out _, out _));
        if (issuer is null)
        {
            return new Refusal(Reason.BrokenChain, "no Issuer here has issued this certificate for its product");
        }

        return claimed.VerifySignature(certificate.Claimed.Identity).Refused(out var verified, out why)
            ? why
            : new Judged(verified.Content, issuer.Issuer.Digest);
    }

    private static Refusal? JudgeAgainst(Entry last, Entry next)
    {
        var (was, claims) = (last.Certificate.Claimed, next.Certificate.Claimed);
        if (was.Device != claims.Device || !was.Identity.Equals(claims.Identity)
            || was.Product != claims.Product || was.DeviceType != claims.DeviceType)
        {
            return new Refusal(Reason.WrongIdentity, $"chip {was.Chip} is {was.Device} here");
        }

        var (held, offered) = (last.Backup.Number, next.Backup.Number);
        var same = last.BackupBytes.Span.SequenceEqual(next.BackupBytes.Span);
        return offered < held || (offered == held && !same)
            ? new Refusal(Reason.StaleBackup, $"number {offered} after number {held}")
            : null;
    }

    private static Entry Last(DirectoryLog log, ChipId chip, ListedEntry listed)
    {
        var path = DirectoryLayout.Entry(chip, listed.LeafHash);
        return log.Files.Read(path) is { } bytes && !Message.Parse<Entry>(bytes).Refused(out var entry, out _)
            ? entry.Claimed
            : throw new InvalidDataException($"{path} is gone or damaged: restore it from a mirror");
    }

    private sealed record Judged(Entry Entry, Digest Issuer);
}
