namespace Keywright.Storage.Sqlite;

/// <summary>
/// Software, terms, and the chains of claims. Times are milliseconds since 1970; a bucket is the shard of a
/// chip.
/// </summary>
internal static class DeliverySchema
{
    public static readonly string[] Steps =
    [
        """
        CREATE TABLE software (
            manifest BLOB NOT NULL PRIMARY KEY,
            product TEXT NOT NULL,
            sequence INTEGER NOT NULL,
            message BLOB NOT NULL,
            listed_at INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX software_product ON software (product, sequence);

        CREATE TABLE program_part (
            digest BLOB NOT NULL,
            position INTEGER NOT NULL,
            content BLOB NOT NULL,
            PRIMARY KEY (digest, position)
        );

        CREATE TABLE delivery_terms (
            product TEXT NOT NULL PRIMARY KEY,
            conditions INTEGER NOT NULL
        ) WITHOUT ROWID;

        CREATE TABLE enabled_software (
            manifest BLOB NOT NULL,
            chip_id BLOB NOT NULL,
            enabled_at INTEGER NOT NULL,
            PRIMARY KEY (manifest, chip_id)
        ) WITHOUT ROWID;

        CREATE TABLE coverage (
            bucket INTEGER NOT NULL,
            chip_id BLOB NOT NULL,
            until INTEGER NOT NULL,
            PRIMARY KEY (bucket, chip_id)
        ) WITHOUT ROWID;

        CREATE TABLE recovery_epoch (
            only INTEGER NOT NULL PRIMARY KEY CHECK (only = 1),
            epoch BLOB NOT NULL
        );
        INSERT INTO recovery_epoch VALUES (1, zeroblob(16));

        CREATE TABLE delivery_chain (
            bucket INTEGER NOT NULL,
            chip_id BLOB NOT NULL,
            revision INTEGER NOT NULL,
            held INTEGER NOT NULL,
            next INTEGER NOT NULL,
            prev BLOB NOT NULL,
            recoveries INTEGER NOT NULL,
            last_resume BLOB NOT NULL,
            epoch BLOB NOT NULL,
            PRIMARY KEY (bucket, chip_id)
        ) WITHOUT ROWID;

        CREATE TABLE delivery (
            bucket INTEGER NOT NULL,
            chip_id BLOB NOT NULL,
            number INTEGER NOT NULL,
            kid INTEGER NOT NULL,
            state INTEGER NOT NULL,
            claim_digest BLOB NOT NULL,
            claim BLOB NOT NULL,
            answer_digest BLOB NOT NULL UNIQUE,
            answer BLOB NOT NULL,
            manifest BLOB,
            answered_at INTEGER NOT NULL,
            done_digest BLOB,
            done BLOB,
            closed_at INTEGER,
            PRIMARY KEY (bucket, chip_id, number)
        );
        CREATE INDEX delivery_standing ON delivery (bucket, chip_id, state, manifest, closed_at);

        CREATE TABLE fork_evidence (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            bucket INTEGER NOT NULL,
            chip_id BLOB NOT NULL,
            claim_number INTEGER NOT NULL,
            message BLOB NOT NULL,
            at INTEGER NOT NULL
        );
        CREATE INDEX fork_evidence_chip ON fork_evidence (bucket, chip_id);

        CREATE TABLE installed_program (
            bucket INTEGER NOT NULL,
            chip_id BLOB NOT NULL,
            owner BLOB NOT NULL,
            program TEXT NOT NULL,
            sequence INTEGER NOT NULL,
            version TEXT NOT NULL,
            hash BLOB NOT NULL,
            PRIMARY KEY (bucket, chip_id, owner, program)
        ) WITHOUT ROWID;
        CREATE INDEX installed_program_version ON installed_program (owner, program, sequence, version);

        CREATE TABLE stranger (
            reason TEXT NOT NULL,
            subject TEXT NOT NULL,
            times INTEGER NOT NULL,
            first_at INTEGER NOT NULL,
            last_at INTEGER NOT NULL,
            PRIMARY KEY (reason, subject)
        ) WITHOUT ROWID;
        """,
    ];
}
