using Keywright.Protocol;
using Keywright.Site.Firmware;

namespace Keywright.Storage.Sqlite.Firmware;

/// <summary>Conditions, enabled software and contracts in the site's database.</summary>
public sealed class SqliteDeliveryTerms(SiteDatabase database) : IDeliveryTerms
{
    // Stands for all chips in enabled_software.
    private static readonly byte[] All = [];

    public DeliveryConditions ConditionsOf(string product) => database.Read(session =>
    {
        var set = session.Number("SELECT conditions FROM delivery_terms WHERE product = $1", product);
        return (DeliveryConditions)(set ?? (long)DeliveryConditions.Once);
    });

    public void SetConditions(string product, DeliveryConditions conditions) => database.Write(
        session => session.Execute(
        """
        INSERT INTO delivery_terms VALUES ($1, $2)
        ON CONFLICT (product) DO UPDATE SET conditions = excluded.conditions
        """,
        product,
        (long)conditions));

    public void Enable(Digest manifest, ChipId? chip, DateTimeOffset now) => database.Write(
        session => session.Execute(
        """
        INSERT INTO enabled_software VALUES ($1, $2, $3)
        ON CONFLICT (manifest, chip_id) DO UPDATE SET enabled_at = excluded.enabled_at
        """,
        manifest.ToArray(),
        chip?.ToArray() ?? All,
        Columns.Millis(now)));

    public void Cover(ChipId chip, DateTimeOffset until) => database.Write(session => session.Execute(
        """
        INSERT INTO coverage VALUES ($1, $2, $3)
        ON CONFLICT (bucket, chip_id) DO UPDATE SET until = excluded.until
        """,
        Shard.Of(chip),
        chip.ToArray(),
        Columns.Millis(until)));

    public DeviceStanding StandingOf(ChipId chip) => database.Read(session =>
    {
        var until = session.Number(
            "SELECT until FROM coverage WHERE bucket = $1 AND chip_id = $2", Shard.Of(chip), chip.ToArray());
        var delivered = session.All(
            "SELECT DISTINCT manifest FROM delivery WHERE bucket = $1 AND chip_id = $2 AND state = $3",
            row => row.Digest(0),
            Shard.Of(chip),
            chip.ToArray(),
            (long)DeliveryState.Installed);
        var enabled = session.All(
            "SELECT manifest FROM enabled_software WHERE chip_id IN ($1, $2)",
            row => row.Digest(0),
            chip.ToArray(),
            All);
        var declined = session.All(
            """
            SELECT d.manifest, count(*) FROM delivery d
            LEFT JOIN enabled_software e ON e.manifest = d.manifest AND e.chip_id = d.chip_id
            WHERE d.bucket = $1 AND d.chip_id = $2 AND d.state = $3
                AND d.closed_at >= coalesce(e.enabled_at, 0)
            GROUP BY d.manifest
            """,
            row => (Manifest: row.Digest(0), Times: row.GetInt32(1)),
            Shard.Of(chip),
            chip.ToArray(),
            (long)DeliveryState.Declined);
        return new DeviceStanding(
            until is { } millis ? DateTimeOffset.FromUnixTimeMilliseconds(millis) : null,
            delivered.ToHashSet(),
            enabled.ToHashSet(),
            declined.ToDictionary(each => each.Manifest, each => each.Times));
    });
}
