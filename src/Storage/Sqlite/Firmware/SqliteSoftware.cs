using System.Security.Cryptography;
using Keywright.Protocol;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Firmware;
using Keywright.Site.Firmware;
using Microsoft.Data.Sqlite;

namespace Keywright.Storage.Sqlite.Firmware;

/// <summary>Modules and programs in the site's database; a program lies in parts of 64 KiB.</summary>
public sealed class SqliteSoftware(SiteDatabase database) : ISoftwareArchive
{
    private const int PartSize = 64 * 1024;

    public bool Store(Digest digest, long size, Stream content) => database.Write(session =>
    {
        if (session.Number("SELECT count(*) FROM program_part WHERE digest = $1", digest.ToArray()) > 0)
        {
            return IsContent(digest, size, content, null);
        }

        if (IsContent(digest, size, content, (position, part) => session.ExecuteOne(
            "INSERT INTO program_part VALUES ($1, $2, $3)", digest.ToArray(), position, part)))
        {
            return true;
        }

        session.Execute("DELETE FROM program_part WHERE digest = $1", digest.ToArray());
        return false;
    });

    public int Read(Digest digest, long offset, Span<byte> destination)
    {
        var done = 0;
        while (done < destination.Length)
        {
            var (position, within) = Math.DivRem(offset + done, PartSize);
            var part = database.Read(session => session.First(
                "SELECT content FROM program_part WHERE digest = $1 AND position = $2",
                row => row.Bytes(0),
                digest.ToArray(),
                position));
            if (part is null || part.Length <= within)
            {
                break;
            }

            var count = Math.Min(part.Length - (int)within, destination.Length - done);
            part.AsSpan((int)within, count).CopyTo(destination[done..]);
            done += count;
        }

        return done;
    }

    public void List(Software software, DateTimeOffset now) => database.Write(session => session.Execute(
        "INSERT INTO software VALUES ($1, $2, $3, $4, $5) ON CONFLICT (manifest) DO NOTHING",
        software.Manifest.ToArray(),
        software.Module.Product,
        (long)software.Module.Sequence,
        software.ManifestBytes.ToArray(),
        Columns.Millis(now)));

    public IReadOnlyList<Software> Of(string product) => database.Read(session => session.All(
        "SELECT message FROM software WHERE product = $1 ORDER BY sequence", ReadSoftware, product));

    public Software? Find(Digest manifest) => database.Read(session => session.First(
        "SELECT message FROM software WHERE manifest = $1", ReadSoftware, manifest.ToArray()));

    private static bool IsContent(Digest digest, long size, Stream content, Action<long, byte[]>? keep)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var part = new byte[PartSize];
        var total = 0L;
        for (var position = 0L; total <= size; position++)
        {
            var count = content.ReadAtLeast(part, PartSize, throwOnEndOfStream: false);
            if (count == 0)
            {
                break;
            }

            hash.AppendData(part, 0, count);
            keep?.Invoke(position, part[..count]);
            total += count;
        }

        return total == size && new Digest(hash.GetHashAndReset()) == digest;
    }

    // It was verified before it was listed.
    private static Software ReadSoftware(SqliteDataReader row)
    {
        var bytes = row.Bytes(0);
        return new Software(Digest.Of(bytes), Message.Parse<Module>(bytes).OrThrow().Claimed, bytes);
    }
}
