using Keywright.Protocol;
using Keywright.Site.Firmware;

namespace Keywright.Storage.Sqlite.Firmware;

/// <summary>The waiting device IDs in the site's database.</summary>
public sealed class SqliteIdentityPool(SiteDatabase database) : IIdentityPool
{
    public Refusal? Add(string product, IReadOnlyList<IdentitySet> sets)
    {
        try
        {
            database.Write(session =>
            {
                foreach (var set in sets)
                {
                    Add(session, product, set);
                }
            });
            return null;
        }
        catch (TakenException taken)
        {
            return new Refusal(Reason.IdentityTaken, taken.Message);
        }
    }

    public IdentitySet? Next(string product) => database.Read(session =>
    {
        var number = session.Number(
            "SELECT number FROM identity_set WHERE product = $1 ORDER BY number LIMIT 1", product);
        return number is null ? null : new IdentitySet(session.All(
            "SELECT device_id FROM waiting_identity WHERE number = $1 ORDER BY position",
            row => row.Device(0),
            number));
    });

    public int Count(string product) => (int)database.Read(session =>
        session.Number("SELECT count(*) FROM identity_set WHERE product = $1", product) ?? 0);

    /// <summary>
    /// Takes the set that begins with these IDs out of the pool; false when it does not wait there as it is.
    /// </summary>
    internal static bool Take(SiteSession session, string product, IReadOnlyList<DeviceId> devices)
    {
        var number = session.Number(
            """
            SELECT s.number FROM waiting_identity w JOIN identity_set s ON s.number = w.number
            WHERE w.device_id = $1 AND w.position = 0 AND s.product = $2
            """,
            devices[0].ToString(),
            product);
        if (number is null)
        {
            return false;
        }

        var waiting = session.All(
            "DELETE FROM waiting_identity WHERE number = $1 RETURNING device_id",
            row => row.Device(0),
            number);
        session.ExecuteOne("DELETE FROM identity_set WHERE number = $1", number);
        return waiting.Count == devices.Count && waiting.All(devices.Contains);
    }

    private static void Add(SiteSession session, string product, IdentitySet set)
    {
        var number = session.Number(
            "INSERT INTO identity_set (product) VALUES ($1) RETURNING number", product);
        for (var i = 0; i < set.Devices.Count; i++)
        {
            var device = set.Devices[i].ToString();
            var added = session.Execute(
                """
                INSERT INTO waiting_identity (device_id, number, position)
                SELECT $1, $2, $3 WHERE NOT EXISTS (SELECT 1 FROM device_alias WHERE device_id = $1)
                ON CONFLICT (device_id) DO NOTHING
                """,
                device,
                number,
                (long)i);
            if (added == 0)
            {
                throw new TakenException($"{device} waits in the pool already or belongs to a device");
            }
        }
    }

    /// <summary>Rolls the transaction back: all IDs or none.</summary>
    private sealed class TakenException(string message) : Exception(message);
}
