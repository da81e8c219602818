using Keywright.Protocol;
using Keywright.Protocol.Keys;
using Keywright.Site.Backup;
using Microsoft.Data.Sqlite;

namespace Keywright.Storage.Sqlite.Backup;

/// <summary>Certificates and open nonces in the site's database.</summary>
public sealed class SqliteCertificates(SiteDatabase database) : ICertificateRegister
{
    public IssuedCertificate? Find(ChipId chip) => database.Read(session => Find(session, chip));

    public void OpenNonce(ChipId chip, ReadOnlySpan<byte> nonce, DateTimeOffset at)
    {
        var copy = nonce.ToArray();
        database.Write(session => session.ExecuteOne(
            """
            INSERT INTO certificate_nonce VALUES ($1, $2, $3, $4)
            ON CONFLICT (bucket, chip_id) DO UPDATE SET nonce = excluded.nonce, opened_at = excluded.opened_at
            """,
            Shard.Of(chip),
            chip.ToArray(),
            copy,
            Columns.Millis(at)));
    }

    public CertificateWrite Keep(IssuedCertificate certificate, ReadOnlySpan<byte> nonce, DateTimeOffset at)
    {
        var copy = nonce.ToArray();
        return database.Write(session => Keep(session, certificate, copy, at));
    }

    private static CertificateWrite Keep(
        SiteSession session, IssuedCertificate certificate, byte[] nonce, DateTimeOffset at)
    {
        if (Find(session, certificate.Chip) is not null)
        {
            return CertificateWrite.ChipHasOne;
        }

        var open = session.Number(
            "SELECT 1 FROM certificate_nonce WHERE bucket = $1 AND chip_id = $2 AND nonce = $3",
            Shard.Of(certificate.Chip),
            certificate.Chip.ToArray(),
            nonce);
        if (open is null)
        {
            return CertificateWrite.NonceNotOpen;
        }

        var kept = session.Execute(
            """
            INSERT INTO certificate VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (device_id) DO NOTHING
            """,
            Shard.Of(certificate.Chip),
            certificate.Chip.ToArray(),
            certificate.Device.ToString(),
            certificate.Identity.Bytes.ToArray(),
            certificate.Tls.Bytes.ToArray(),
            certificate.Kem.Bytes.ToArray(),
            certificate.Bytes.ToArray(),
            Columns.Millis(at));
        if (kept == 0)
        {
            return CertificateWrite.DeviceHasOne;
        }

        session.ExecuteOne(
            "DELETE FROM certificate_nonce WHERE bucket = $1 AND chip_id = $2",
            Shard.Of(certificate.Chip),
            certificate.Chip.ToArray());
        return CertificateWrite.Kept;
    }

    private static IssuedCertificate? Find(SiteSession session, ChipId chip) => session.First(
        """
        SELECT chip_id, device_id, identity, tls, kem, message FROM certificate
        WHERE bucket = $1 AND chip_id = $2
        """,
        Read,
        Shard.Of(chip),
        chip.ToArray());

    private static IssuedCertificate Read(SqliteDataReader row) => new(
        row.Chip(0),
        row.Device(1),
        PublicKey.Parse(row.Bytes(2)).OrThrow(),
        PublicKey.Parse(row.Bytes(3)).OrThrow(),
        HpkePublicKey.Parse(row.Bytes(4)).OrThrow(),
        row.Bytes(5));
}
