using Keywright.Site.Firmware;
using Microsoft.Data.Sqlite;

namespace Keywright.Storage.Sqlite.Firmware;

/// <summary>The stations in the site's database.</summary>
public sealed class SqliteStations(SiteDatabase database) : IStationRegister
{
    private const string Columns =
        "id, name, factory, station_key, enrolment, take_key, next_turn, generator, enrolled_at, revoked_at";

    public bool Add(StationRecord station) => database.Write(session => session.Execute(
        $"""
        INSERT INTO station ({Columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        ON CONFLICT (name) DO NOTHING
        """,
        station.Id.ToArray(),
        station.Name,
        station.Factory,
        station.Key.ToArray(),
        station.Enrolment.ToArray(),
        station.TakeKey.ToArray(),
        (long)station.NextTurn,
        station.Generator.ToArray(),
        station.EnrolledAt.ToUnixTimeMilliseconds(),
        station.RevokedAt?.ToUnixTimeMilliseconds()) == 1);

    public StationRecord? Find(string name) => database.Read(
        session => session.First($"SELECT {Columns} FROM station WHERE name = $1", Read, name));

    public bool Revoke(string name, DateTimeOffset at) => database.Write(session => session.Execute(
        "UPDATE station SET revoked_at = $2 WHERE name = $1 AND revoked_at IS NULL",
        name,
        at.ToUnixTimeMilliseconds()) == 1);

    public IReadOnlyList<StationRecord> All() =>
        database.Read(session => session.All($"SELECT {Columns} FROM station ORDER BY id", Read));

    public IReadOnlyList<StationCount> Counts() => database.Read(session => session.All(
        $"""
        SELECT {Columns}, (SELECT count(*) FROM device d WHERE d.station = s.name)
        FROM station s ORDER BY id
        """,
        row => new StationCount(Read(row), row.GetInt32(10))));

    private static StationRecord Read(SqliteDataReader row) => new()
    {
        Id = row.Record(0),
        Name = row.GetString(1),
        Factory = row.GetString(2),
        Key = row.Digest(3),
        Enrolment = row.Bytes(4),
        TakeKey = row.Bytes(5),
        NextTurn = (uint)row.GetInt64(6),
        Generator = row.Bytes(7),
        EnrolledAt = row.Time(8),
        RevokedAt = row.TimeOrNull(9),
    };
}
