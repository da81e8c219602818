namespace Keywright.Storage.Sqlite.Backup;

/// <summary>Certificates and the nonces that are open for them.</summary>
internal static class CertificateSchema
{
    public static readonly string[] Steps =
    [
        """
        CREATE TABLE certificate_nonce (
            bucket INTEGER NOT NULL,
            chip_id BLOB NOT NULL,
            nonce BLOB NOT NULL,
            opened_at INTEGER NOT NULL,
            PRIMARY KEY (bucket, chip_id),
            FOREIGN KEY (bucket, chip_id) REFERENCES chip (bucket, chip_id)
        ) WITHOUT ROWID;

        CREATE TABLE certificate (
            bucket INTEGER NOT NULL,
            chip_id BLOB NOT NULL,
            device_id TEXT NOT NULL UNIQUE,
            identity BLOB NOT NULL,
            tls BLOB NOT NULL,
            kem BLOB NOT NULL,
            message BLOB NOT NULL,
            issued_at INTEGER NOT NULL,
            PRIMARY KEY (bucket, chip_id),
            FOREIGN KEY (bucket, chip_id) REFERENCES chip (bucket, chip_id)
        ) WITHOUT ROWID;
        """,
    ];
}
