using Keywright.Protocol;
using Keywright.Site;

namespace Keywright.Storage.Sqlite;

/// <summary>The alerts in the site's database.</summary>
public sealed class SqliteAlerts(SiteDatabase database) : IAlertLog
{
    public void Raise(Alert alert) => database.Write(session => session.ExecuteOne(
        """
        INSERT INTO alert (at, reason, detail, chip_id, device_id, station, factory)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        """,
        Columns.Millis(alert.At),
        alert.Reason.ToString(),
        alert.Detail,
        alert.Chip?.ToArray(),
        alert.Device?.ToString(),
        alert.Station,
        alert.Factory));

    public IReadOnlyList<Alert> Newest(int count) => database.Read(session => session.All(
        """
        SELECT at, reason, detail, chip_id, device_id, station, factory FROM alert ORDER BY number DESC LIMIT $1
        """,
        row => new Alert(row.Time(0), Enum.Parse<Reason>(row.GetString(1)), row.GetString(2))
        {
            Chip = row.IsDBNull(3) ? null : row.Chip(3),
            Device = row.IsDBNull(4) ? null : row.Device(4),
            Station = row.TextOrNull(5),
            Factory = row.TextOrNull(6),
        },
        count));
}
