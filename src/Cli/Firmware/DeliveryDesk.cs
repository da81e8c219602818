using Keywright.Cli.Folders;
using Keywright.Keystores.Software;
using Keywright.Protocol;
using Keywright.Protocol.Firmware;
using Keywright.Site.Firmware;
using Keywright.Storage.Sqlite;
using Keywright.Storage.Sqlite.Backup;
using Keywright.Storage.Sqlite.Firmware;

namespace Keywright.Cli.Firmware;

/// <summary>The delivery use cases over one site's folder, in this process.</summary>
internal sealed class DeliveryDesk
{
    private readonly KnownDevices devices;
    private readonly SqliteDeliveries ledger;
    private readonly SqliteSoftware archive;
    private readonly Edge edge;
    private readonly Session session;
    private readonly SiteDatabase database;

    public DeliveryDesk(SiteFolder site, SiteKeys keys, Session session)
    {
        this.session = session;
        database = site.Database;
        archive = new SqliteSoftware(database);
        ledger = new SqliteDeliveries(database);
        devices = new KnownDevices(
            site.Devices, new SqliteCertificates(database), new SoftwareRecordSealer(keys.Master, session.Entropy));
        edge = new Edge(site.Alerts, new SqliteTracking(database), session.Clock);
    }

    /// <summary>Claim in, Grant or Refusal out.</summary>
    public Outcome<ReadOnlyMemory<byte>> Answer(ReadOnlyMemory<byte> claim) => new DeliverFirmware(
        devices, ledger, archive, new SqliteDeliveryTerms(database), edge, session.Entropy, session.Clock).Answer(claim);

    /// <summary>Manifest and sealed bodies of a Grant.</summary>
    public Outcome<SealedBodies> Bodies(Digest grant) => new OpenBodies(devices, ledger, archive, edge).Open(grant);

    /// <summary>Takes a Done.</summary>
    public Outcome<DeliveryResult> Close(ReadOnlyMemory<byte> done) =>
        new CloseDelivery(devices, ledger, edge, session.Clock).Close(done);
}
