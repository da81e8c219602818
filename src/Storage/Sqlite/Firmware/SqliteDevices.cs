using Keywright.Protocol;
using Keywright.Site;
using Keywright.Site.Firmware;
using Microsoft.Data.Sqlite;

namespace Keywright.Storage.Sqlite.Firmware;

/// <summary>The registry of devices in the site's database, and the one write that makes a device.</summary>
public sealed class SqliteDevices(SiteDatabase database) : IDeviceRegistry, IProgrammingRecords
{
    private const string Columns =
        """
        d.bucket, d.id, d.chip_id, d.product, d.device_type, d.order_digest, d.station, d.factory, d.turn,
        d.take_digest, d.kid, d.sealed_key, d.bootloader, d.programmed_at, d.active_at
        """;

    public DeviceRecord? Find(DeviceId device) => database.Read(session => WithAliases(session, session.First(
        $"""
        SELECT {Columns} FROM device_alias a JOIN device d ON d.bucket = a.bucket AND d.id = a.device
        WHERE a.device_id = $1
        """,
        Read,
        device.ToString())));

    public DeviceRecord? Find(ChipId chip) => database.Read(session => WithAliases(session, session.First(
        $"SELECT {Columns} FROM device d WHERE d.bucket = $1 AND d.chip_id = $2",
        Read,
        Shard.Of(chip),
        chip.ToArray())));

    public void MarkActive(DeviceRecord device, DateTimeOffset at) => database.Write(s => s.Execute(
        "UPDATE device SET active_at = $3 WHERE bucket = $1 AND id = $2 AND active_at IS NULL",
        Shard.Of(device.Chip),
        device.Id.ToArray(),
        at.ToUnixTimeMilliseconds()));

    public IReadOnlyList<DeviceRecord> Made(string? station, int count) => database.Read(s => s.All(
        $"""
        SELECT {Columns} FROM device d WHERE d.station = coalesce($1, d.station) ORDER BY d.id DESC LIMIT $2
        """,
        Read,
        station,
        (long)count).ConvertAll(device => WithAliases(s, device)!));

    public ProgrammedTurn? FindTurn(string station, uint turn) => database.Read(session =>
    {
        var device = WithAliases(session, session.First(
            $"SELECT {Columns} FROM device d WHERE d.station = $1 AND d.turn = $2",
            Read,
            station,
            (long)turn));
        return device is null ? null : session.First(
            "SELECT serial, file FROM program_file WHERE bucket = $1 AND device = $2",
            row => new ProgrammedTurn(device, (ulong)row.GetInt64(0), row.BytesOrNull(1)),
            Shard.Of(device.Chip),
            device.Id.ToArray());
    });

    public ProgrammedTurn? Commit(DeviceRecord device, uint expectedTurn, GeneratorStep next)
    {
        try
        {
            return database.Write(
                session => new ProgrammedTurn(device, Insert(session, device, expectedTurn, next), null));
        }
        catch (OutrunException)
        {
            return null;
        }
    }

    public byte[] KeepFile(ProgrammedTurn turn, ReadOnlyMemory<byte> file) => database.Write(session =>
        session.First(
            "UPDATE program_file SET file = coalesce(file, $2) WHERE serial = $1 RETURNING file",
            row => row.Bytes(0),
            (long)turn.Serial,
            file.ToArray())
        ?? throw new InvalidDataException($"file {turn.Serial} was never decided"));

    private static ulong Insert(
        SiteSession session, DeviceRecord device, uint expectedTurn, GeneratorStep next)
    {
        var moved = session.Execute(
            """
            UPDATE station SET next_turn = $3, generator = $4
            WHERE name = $1 AND next_turn = $2 AND revoked_at IS NULL
            """,
            device.Station,
            (long)expectedTurn,
            (long)next.Turn,
            next.Sealed.ToArray());
        if (moved == 0 || !SqliteIdentityPool.Take(session, device.Product, device.Devices))
        {
            throw new OutrunException();
        }

        InsertDevice(session, device);
        for (var i = 0; i < device.Devices.Count; i++)
        {
            session.ExecuteOne(
                "INSERT INTO device_alias (device_id, bucket, device, position) VALUES ($1, $2, $3, $4)",
                device.Devices[i].ToString(),
                Shard.Of(device.Chip),
                device.Id.ToArray(),
                (long)i);
        }

        return (ulong)session.Number(
            "INSERT INTO program_file (bucket, device) VALUES ($1, $2) RETURNING serial",
            Shard.Of(device.Chip),
            device.Id.ToArray())!;
    }

    private static void InsertDevice(SiteSession session, DeviceRecord device)
    {
        var added = session.Execute(
            """
            INSERT INTO device (bucket, id, chip_id, product, device_type, order_digest, station, factory,
                turn, take_digest, kid, sealed_key, bootloader, programmed_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
            ON CONFLICT (bucket, chip_id) DO NOTHING
            """,
            Shard.Of(device.Chip),
            device.Id.ToArray(),
            device.Chip.ToArray(),
            device.Product,
            device.DeviceType,
            device.Order.ToArray(),
            device.Station,
            device.Factory,
            (long)device.Turn,
            device.Take.ToArray(),
            (long)device.Kid,
            device.SealedKey.ToArray(),
            device.Bootloader.ToArray(),
            device.ProgrammedAt.ToUnixTimeMilliseconds());
        if (added == 0)
        {
            throw new OutrunException();
        }
    }

    private static DeviceRecord? WithAliases(SiteSession session, DeviceRecord? device) =>
        device is null ? null : device with
        {
            Devices = session.All(
                "SELECT device_id FROM device_alias WHERE bucket = $1 AND device = $2 ORDER BY position",
                row => row.Device(0),
                Shard.Of(device.Chip),
                device.Id.ToArray()),
        };

    private static DeviceRecord Read(SqliteDataReader row) => new()
    {
        Id = row.Record(1),
        Chip = row.Chip(2),
        Devices = [],
        Product = row.GetString(3),
        DeviceType = row.GetString(4),
        Order = row.Digest(5),
        Station = row.GetString(6),
        Factory = row.GetString(7),
        Turn = (uint)row.GetInt64(8),
        Take = row.Digest(9),
        Kid = (uint)row.GetInt64(10),
        SealedKey = row.Bytes(11),
        Bootloader = row.Record(12),
        ProgrammedAt = row.Time(13),
        ActiveAt = row.TimeOrNull(14),
    };

    /// <summary>Rolls the transaction back: what was judged is no longer so.</summary>
    private sealed class OutrunException : Exception;
}
