using Keywright.Protocol;
using Keywright.Protocol.Firmware;
using Keywright.Site.Firmware;

namespace Keywright.Storage.Sqlite.Firmware;

/// <summary>Questions about devices, deliveries and versions, and the counts of the edge.</summary>
public sealed class SqliteTracking(SiteDatabase database) : ITrackDeliveries, IStrangerCounts
{
    /// <summary>How many subjects are counted one by one for each reason.</summary>
    public const int MaxSubjects = 1000;

    private const string Others = "others";

    public IReadOnlyList<Installed> SoftwareOn(ChipId chip) => database.Read(session => session.All(
        """
        SELECT owner, program, sequence, version, hash FROM installed_program
        WHERE bucket = $1 AND chip_id = $2 ORDER BY owner, program
        """,
        row => new Installed(
            row.Digest(0), row.GetString(1), (ulong)row.GetInt64(2), row.GetString(3), row.Digest(4)),
        Shard.Of(chip),
        chip.ToArray()));

    public IReadOnlyList<DeliveryLine> DeliveriesOf(ChipId chip) => database.Read(session => session.All(
        """
        SELECT number, state, manifest, answered_at, closed_at FROM delivery
        WHERE bucket = $1 AND chip_id = $2 ORDER BY number
        """,
        row => new DeliveryLine(
            (ulong)row.GetInt64(0),
            (DeliveryState)row.GetInt64(1),
            row.IsDBNull(2) ? null : row.Digest(2),
            row.Time(3),
            row.TimeOrNull(4)),
        Shard.Of(chip),
        chip.ToArray()));

    public IReadOnlyList<VersionCount> Versions() => database.Read(session => session.All(
        """
        SELECT owner, program, sequence, version, count(*) FROM installed_program
        GROUP BY owner, program, sequence, version ORDER BY owner, program, sequence
        """,
        row => new VersionCount(
            row.Digest(0), row.GetString(1), (ulong)row.GetInt64(2), row.GetString(3), row.GetInt64(4))));

    public IReadOnlyList<ForkEvidence> ForksOf(ChipId chip) => database.Read(session => session.All(
        """
        SELECT claim_number, message, at FROM fork_evidence
        WHERE bucket = $1 AND chip_id = $2 ORDER BY number
        """,
        row => new ForkEvidence((ulong)row.GetInt64(0), row.Bytes(1), row.Time(2)),
        Shard.Of(chip),
        chip.ToArray()));

    public long Count(Reason reason, string subject, DateTimeOffset now) => database.Write(session =>
    {
        var known = session.Number(
            "SELECT times FROM stranger WHERE reason = $1 AND subject = $2", reason.ToString(), subject);
        var subjects = session.Number("SELECT count(*) FROM stranger WHERE reason = $1", reason.ToString());
        return session.Number(
            """
            INSERT INTO stranger VALUES ($1, $2, 1, $3, $3)
            ON CONFLICT (reason, subject) DO UPDATE SET times = times + 1, last_at = excluded.last_at
            RETURNING times
            """,
            reason.ToString(),
            known is null && subjects >= MaxSubjects ? Others : subject,
            Columns.Millis(now))!.Value;
    });
}
