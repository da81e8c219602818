using Keywright.Protocol;
using Keywright.Protocol.Firmware;
using Keywright.Site;
using Keywright.Site.Firmware;
using Microsoft.Data.Sqlite;

namespace Keywright.Storage.Sqlite.Firmware;

/// <summary>The archive of bootloaders in the site's database.</summary>
public sealed class SqliteBootloaders(SiteDatabase database) : IBootloaderArchive
{
    private const string Columns =
        "id, product, device_type, sequence, version, image_kind, base_address, image, plan, added_at";

    public bool Add(BootloaderEntry entry, ReadOnlySpan<byte> image, ReadOnlySpan<byte> plan)
    {
        var files = new[] { (entry.Image, image.ToArray()), (entry.Plan, plan.ToArray()) };
        return database.Write(session =>
        {
            foreach (var (digest, content) in files)
            {
                session.Execute(
                    "INSERT INTO archive_file VALUES ($1, $2) ON CONFLICT (digest) DO NOTHING",
                    digest.ToArray(),
                    content);
            }

            return session.Execute(
                $"""
                INSERT INTO bootloader ({Columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                ON CONFLICT (product, device_type, sequence) DO NOTHING
                """,
                entry.Id.ToArray(),
                entry.Product,
                entry.DeviceType,
                (long)entry.Sequence,
                entry.Version,
                (long)entry.Encoding.Kind,
                (long)entry.Encoding.BaseAddress,
                entry.Image.ToArray(),
                entry.Plan.ToArray(),
                entry.AddedAt.ToUnixTimeMilliseconds()) == 1;
        });
    }

    public BootloaderEntry? Newest(string product, string deviceType) => database.Read(s => s.First(
        $"""
        SELECT {Columns} FROM bootloader WHERE product = $1 AND device_type = $2
        ORDER BY sequence DESC LIMIT 1
        """,
        Read,
        product,
        deviceType));

    public BootloaderEntry? Find(RecordId entry) => database.Read(session => session.First(
        $"SELECT {Columns} FROM bootloader WHERE id = $1", Read, entry.ToArray()));

    public byte[] Read(Digest file)
    {
        var content = database.Read(session => session.First(
            "SELECT content FROM archive_file WHERE digest = $1", row => row.Bytes(0), file.ToArray()));
        return content is not null && Digest.Of(content) == file
            ? content
            : throw new InvalidDataException(
                $"file {file} of the archive is missing or damaged: restore the database");
    }

    private static BootloaderEntry Read(SqliteDataReader row) => new()
    {
        Id = row.Record(0),
        Product = row.GetString(1),
        DeviceType = row.GetString(2),
        Sequence = (ulong)row.GetInt64(3),
        Version = row.GetString(4),
        Encoding = new ImageEncoding((ImageKind)row.GetInt32(5), (uint)row.GetInt64(6)),
        Image = row.Digest(7),
        Plan = row.Digest(8),
        AddedAt = row.Time(9),
    };
}
