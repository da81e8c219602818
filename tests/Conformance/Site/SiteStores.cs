using Keywright.Site;
using Keywright.Site.Firmware;
using Keywright.Storage.Sqlite;
using Keywright.Storage.Sqlite.Firmware;

namespace Keywright.ConformanceTests.Site;

/// <summary>
/// The site's stores of one kind, over state of their own that outlives <see cref="Reopen"/>.
/// </summary>
public abstract class SiteStores : IDisposable
{
    /// <summary>Every kind of store there is: each must pass the same tests.</summary>
    public static readonly TheoryData<string> Kinds = ["sqlite"];

    public abstract IAlertLog Alerts { get; }

    public abstract IStationRegister Stations { get; }

    public abstract IChipRegister Chips { get; }

    public abstract IIdentityPool Pool { get; }

    public abstract IBootloaderArchive Bootloaders { get; }

    public abstract IDeviceRegistry Registry { get; }

    public abstract IProgrammingRecords Records { get; }

    public static SiteStores Open(string kind) => kind switch
    {
        "sqlite" => new SqliteStores(),
        _ => throw new ArgumentException(kind),
    };

    /// <summary>As after a restart of the process.</summary>
    public abstract void Reopen();

    public abstract void Dispose();

    private sealed class SqliteStores : SiteStores
    {
        private readonly SiteFile file = new();

        public override IAlertLog Alerts => new SqliteAlerts(file.Database);

        public override IStationRegister Stations => new SqliteStations(file.Database);

        public override IChipRegister Chips => new SqliteChips(file.Database);

        public override IIdentityPool Pool => new SqliteIdentityPool(file.Database);

        public override IBootloaderArchive Bootloaders => new SqliteBootloaders(file.Database);

        public override IDeviceRegistry Registry => new SqliteDevices(file.Database);

        public override IProgrammingRecords Records => new SqliteDevices(file.Database);

        public override void Reopen() => file.Reopen();

        public override void Dispose() => file.Dispose();
    }
}
