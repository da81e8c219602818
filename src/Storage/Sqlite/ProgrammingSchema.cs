namespace Keywright.Storage.Sqlite;

/// <summary>
/// Stations, orders, chips, devices, identities and bootloaders. Times are milliseconds since 1970; a bucket
/// is the shard of a chip; ids are UUIDv7.
/// </summary>
internal static class ProgrammingSchema
{
    public static readonly string[] Steps =
    [
        """
        CREATE TABLE station (
            id BLOB NOT NULL PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            factory TEXT NOT NULL,
            station_key BLOB NOT NULL,
            enrolment BLOB NOT NULL,
            take_key BLOB NOT NULL,
            next_turn INTEGER NOT NULL,
            generator BLOB NOT NULL,
            enrolled_at INTEGER NOT NULL,
            revoked_at INTEGER
        ) WITHOUT ROWID;

        CREATE TABLE production_order (
            digest BLOB NOT NULL PRIMARY KEY,
            name TEXT NOT NULL,
            product TEXT NOT NULL,
            factory TEXT NOT NULL,
            quota INTEGER NOT NULL,
            learnt_at INTEGER NOT NULL
        ) WITHOUT ROWID;

        CREATE TABLE chip (
            bucket INTEGER NOT NULL,
            chip_id BLOB NOT NULL,
            identity BLOB NOT NULL,
            kem BLOB NOT NULL,
            order_digest BLOB NOT NULL REFERENCES production_order (digest),
            learnt_at INTEGER NOT NULL,
            PRIMARY KEY (bucket, chip_id)
        ) WITHOUT ROWID;
        CREATE INDEX chip_order ON chip (order_digest);

        CREATE TABLE device (
            bucket INTEGER NOT NULL,
            id BLOB NOT NULL,
            chip_id BLOB NOT NULL,
            product TEXT NOT NULL,
            device_type TEXT NOT NULL,
            order_digest BLOB NOT NULL REFERENCES production_order (digest),
            station TEXT NOT NULL REFERENCES station (name),
            factory TEXT NOT NULL,
            turn INTEGER NOT NULL,
            take_digest BLOB NOT NULL,
            kid INTEGER NOT NULL,
            sealed_key BLOB NOT NULL,
            bootloader BLOB NOT NULL REFERENCES bootloader (id),
            programmed_at INTEGER NOT NULL,
            active_at INTEGER,
            PRIMARY KEY (bucket, id)
        ) WITHOUT ROWID;
        CREATE UNIQUE INDEX device_chip ON device (bucket, chip_id);
        CREATE UNIQUE INDEX device_turn ON device (station, turn);
        CREATE INDEX device_order ON device (order_digest, active_at);

        CREATE TABLE device_alias (
            device_id TEXT NOT NULL PRIMARY KEY,
            bucket INTEGER NOT NULL,
            device BLOB NOT NULL,
            position INTEGER NOT NULL,
            FOREIGN KEY (bucket, device) REFERENCES device (bucket, id)
        ) WITHOUT ROWID;
        CREATE INDEX device_alias_of ON device_alias (bucket, device, position);

        CREATE TABLE program_file (
            serial INTEGER PRIMARY KEY AUTOINCREMENT,
            bucket INTEGER NOT NULL,
            device BLOB NOT NULL,
            file BLOB,
            UNIQUE (bucket, device),
            FOREIGN KEY (bucket, device) REFERENCES device (bucket, id)
        );

        CREATE TABLE identity_set (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            product TEXT NOT NULL
        );
        CREATE INDEX identity_set_product ON identity_set (product, number);

        CREATE TABLE waiting_identity (
            device_id TEXT NOT NULL PRIMARY KEY,
            number INTEGER NOT NULL REFERENCES identity_set (number),
            position INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX waiting_identity_of ON waiting_identity (number, position);

        CREATE TABLE archive_file (
            digest BLOB NOT NULL PRIMARY KEY,
            content BLOB NOT NULL
        );

        CREATE TABLE bootloader (
            id BLOB NOT NULL PRIMARY KEY,
            product TEXT NOT NULL,
            device_type TEXT NOT NULL,
            sequence INTEGER NOT NULL,
            version TEXT NOT NULL,
            image_kind INTEGER NOT NULL,
            base_address INTEGER NOT NULL,
            image BLOB NOT NULL REFERENCES archive_file (digest),
            plan BLOB NOT NULL REFERENCES archive_file (digest),
            added_at INTEGER NOT NULL,
            UNIQUE (product, device_type, sequence)
        ) WITHOUT ROWID;

        CREATE TABLE alert (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            at INTEGER NOT NULL,
            reason TEXT NOT NULL,
            detail TEXT NOT NULL,
            chip_id BLOB,
            device_id TEXT,
            station TEXT,
            factory TEXT
        );
        """,
    ];
}
