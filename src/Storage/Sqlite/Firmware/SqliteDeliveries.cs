using Keywright.Protocol;
using Keywright.Protocol.Firmware;
using Keywright.Site.Firmware;
using Microsoft.Data.Sqlite;

namespace Keywright.Storage.Sqlite.Firmware;

/// <summary>The chains of claims in the site's database.</summary>
public sealed class SqliteDeliveries(SiteDatabase database) : IDeliveryLedger
{
    private const string EntryColumns =
        "number, kid, claim_digest, state, answer, answer_digest, manifest, done_digest, answered_at";

    public DeliveryRecord Load(ChipId chip, ulong number) => database.Read(session =>
    {
        var current = session.First("SELECT epoch FROM recovery_epoch", row => row.Bytes(0))!;
        var entries = session.All(
            $"SELECT {EntryColumns} FROM delivery WHERE bucket = $1 AND chip_id = $2 AND number IN ($3, $4)",
            ReadEntry,
            Shard.Of(chip),
            chip.ToArray(),
            (long)number - 1,
            (long)number);
        var found = session.First(
            """
            SELECT revision, held, next, prev, recoveries, last_resume, epoch FROM delivery_chain
            WHERE bucket = $1 AND chip_id = $2
            """,
            row => new DeliveryRecord
            {
                Chip = chip,
                Revision = row.GetInt64(0),
                Held = row.GetInt64(1) != 0,
                Next = (ulong)row.GetInt64(2),
                Prev = row.Digest(3),
                Recoveries = (ulong)row.GetInt64(4),
                LastResume = row.Digest(5),
                Epoch = new SiteEpoch(row.Bytes(6)),
            },
            Shard.Of(chip),
            chip.ToArray());
        var record = found ?? new DeliveryRecord { Chip = chip, Revision = 0 };
        return record with { Current = new SiteEpoch(current), Entries = entries };
    });

    public bool Commit(DeliveryRecord judged, DeliveryChange change) => database.Write(session =>
    {
        if (!Advance(session, judged, change))
        {
            return false;
        }

        if (change.Closes is { } closes)
        {
            Close(session, judged.Chip, closes);
        }

        if (change.Claims is { } claims)
        {
            Insert(session, judged.Chip, claims);
        }

        if (change.Installed is { } installed)
        {
            Replace(session, judged.Chip, installed);
        }

        if (change.Fork is { } fork)
        {
            session.ExecuteOne(
                """
                INSERT INTO fork_evidence (bucket, chip_id, claim_number, message, at)
                VALUES ($1, $2, $3, $4, $5)
                """,
                Shard.Of(judged.Chip),
                judged.Chip.ToArray(),
                (long)fork.Number,
                fork.Message.ToArray(),
                Columns.Millis(fork.Time));
        }

        return true;
    });

    public GrantedNumber? FindGrant(Digest grant) => database.Read(session => session.First(
        "SELECT chip_id, number FROM delivery WHERE answer_digest = $1 AND manifest IS NOT NULL",
        row => new GrantedNumber(row.Chip(0), (ulong)row.GetInt64(1)),
        grant.ToArray()));

    public void Release(ChipId chip) => database.Write(session => session.Execute(
        "UPDATE delivery_chain SET held = 0, revision = revision + 1 WHERE bucket = $1 AND chip_id = $2",
        Shard.Of(chip),
        chip.ToArray()));

    // The conditional write that decides: a record at another revision, or made meanwhile, is left as it is.
    private static bool Advance(SiteSession session, DeliveryRecord judged, DeliveryChange change)
    {
        var held = judged.Held || change.Fork is not null ? 1L : 0L;
        return judged.Revision == 0
            ? session.Execute(
                """
                INSERT INTO delivery_chain VALUES ($1, $2, 1, $3, $4, $5, $6, $7, $8)
                ON CONFLICT (bucket, chip_id) DO NOTHING
                """,
                Shard.Of(judged.Chip),
                judged.Chip.ToArray(),
                held,
                (long)change.Next,
                change.Prev.ToArray(),
                (long)judged.Recoveries,
                judged.LastResume.ToArray(),
                judged.Epoch.ToArray()) == 1
            : session.Execute(
                """
                UPDATE delivery_chain SET revision = revision + 1, held = $4, next = $5, prev = $6
                WHERE bucket = $1 AND chip_id = $2 AND revision = $3
                """,
                Shard.Of(judged.Chip),
                judged.Chip.ToArray(),
                judged.Revision,
                held,
                (long)change.Next,
                change.Prev.ToArray()) == 1;
    }

    private static void Close(SiteSession session, ChipId chip, ClosedNumber closes) => session.ExecuteOne(
        """
        UPDATE delivery SET state = $4, done_digest = $5, done = $6, closed_at = $7
        WHERE bucket = $1 AND chip_id = $2 AND number = $3 AND done IS NULL
        """,
        Shard.Of(chip),
        chip.ToArray(),
        (long)closes.Number,
        (long)closes.State,
        closes.Digest.ToArray(),
        closes.Done.ToArray(),
        Columns.Millis(closes.Time));

    private static void Insert(SiteSession session, ChipId chip, ClaimedNumber claims)
    {
        var entry = claims.Entry;
        session.ExecuteOne(
            """
            INSERT INTO delivery (bucket, chip_id, number, kid, state, claim_digest, claim,
                answer_digest, answer, manifest, answered_at, closed_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            """,
            Shard.Of(chip),
            chip.ToArray(),
            (long)entry.Number,
            (long)entry.Kid,
            (long)entry.State,
            entry.Claim.ToArray(),
            claims.Claim.ToArray(),
            entry.AnswerDigest.ToArray(),
            entry.Answer.ToArray(),
            entry.Manifest?.ToArray(),
            Columns.Millis(entry.Answered),
            entry.State == DeliveryState.Refused ? Columns.Millis(entry.Answered) : null);
    }

    private static void Replace(SiteSession session, ChipId chip, IReadOnlyList<Installed> installed)
    {
        session.Execute(
            "DELETE FROM installed_program WHERE bucket = $1 AND chip_id = $2",
            Shard.Of(chip),
            chip.ToArray());
        foreach (var each in installed)
        {
            session.Execute(
                """
                INSERT INTO installed_program VALUES ($1, $2, $3, $4, $5, $6, $7)
                ON CONFLICT (bucket, chip_id, owner, program) DO NOTHING
                """,
                Shard.Of(chip),
                chip.ToArray(),
                each.Owner.ToArray(),
                each.Program,
                (long)each.Sequence,
                each.Version,
                each.Hash.ToArray());
        }
    }

    private static DeliveryEntry ReadEntry(SqliteDataReader row) => new()
    {
        Number = (ulong)row.GetInt64(0),
        Kid = (uint)row.GetInt64(1),
        Claim = row.Digest(2),
        State = (DeliveryState)row.GetInt64(3),
        Answer = row.Bytes(4),
        AnswerDigest = row.Digest(5),
        Manifest = row.IsDBNull(6) ? null : row.Digest(6),
        Done = row.IsDBNull(7) ? null : row.Digest(7),
        Answered = row.Time(8),
    };
}
