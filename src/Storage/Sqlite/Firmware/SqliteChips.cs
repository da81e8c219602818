using Keywright.Protocol;
using Keywright.Protocol.Keys;
using Keywright.Site.Firmware;
using Microsoft.Data.Sqlite;

namespace Keywright.Storage.Sqlite.Firmware;

/// <summary>Orders and counted chips in the site's database.</summary>
public sealed class SqliteChips(SiteDatabase database) : IChipRegister
{
    private const string OrderColumns = "o.digest, o.name, o.product, o.factory, o.quota";

    public int Learn(ProductionOrder order, IReadOnlyList<LearntChip> chips, DateTimeOffset at) =>
        database.Write(session =>
        {
            session.Execute(
                """
                INSERT INTO production_order (digest, name, product, factory, quota, learnt_at)
                VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (digest) DO NOTHING
                """,
                order.Digest.ToArray(),
                order.Name,
                order.Product,
                order.Factory,
                (long)order.Quota,
                at.ToUnixTimeMilliseconds());
            return chips.Sum(chip => session.Execute(
                """
                INSERT INTO chip (bucket, chip_id, identity, kem, order_digest, learnt_at)
                VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (bucket, chip_id) DO NOTHING
                """,
                Shard.Of(chip.Chip),
                chip.Chip.ToArray(),
                chip.Identity.Bytes.ToArray(),
                chip.Kem.Bytes.ToArray(),
                chip.Order.ToArray(),
                at.ToUnixTimeMilliseconds()));
        });

    public ProductionOrder? FindOrder(Digest order) => database.Read(session => session.First(
        $"SELECT {OrderColumns} FROM production_order o WHERE o.digest = $1", ReadOrder, order.ToArray()));

    public LearntChip? FindChip(ChipId chip) => database.Read(session => session.First(
        "SELECT chip_id, identity, kem, order_digest FROM chip WHERE bucket = $1 AND chip_id = $2",
        row => new LearntChip(
            row.Chip(0),
            PublicKey.Parse(row.Bytes(1)).OrThrow(),
            HpkePublicKey.Parse(row.Bytes(2)).OrThrow(),
            row.Digest(3)),
        Shard.Of(chip),
        chip.ToArray()));

    public IReadOnlyList<OrderCount> Counts() => database.Read(session => session.All(
        $"""
        SELECT {OrderColumns},
            (SELECT count(*) FROM chip c WHERE c.order_digest = o.digest),
            (SELECT count(*) FROM device d WHERE d.order_digest = o.digest),
            (SELECT count(d.active_at) FROM device d WHERE d.order_digest = o.digest)
        FROM production_order o ORDER BY o.learnt_at, o.digest
        """,
        row => new OrderCount(ReadOrder(row), row.GetInt32(5), row.GetInt32(6), row.GetInt32(7))));

    private static ProductionOrder ReadOrder(SqliteDataReader row) =>
        new(row.Digest(0), row.GetString(1), row.GetString(2), row.GetString(3), (uint)row.GetInt64(4));
}
