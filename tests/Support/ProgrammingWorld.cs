using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Keystores.Software;
using Keywright.Protocol;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Keys;
using Keywright.Site.Firmware;
using Keywright.Station.Firmware;
using Keywright.Storage.Sqlite;
using Keywright.Storage.Sqlite.Firmware;

namespace Keywright.TestSupport;

/// <summary>
/// A site with a database of its own, one enrolled station, an order, and chips that were counted under it.
/// </summary>
internal sealed class ProgrammingWorld : IDisposable
{
    public const string StationName = "line-1";
    public const string Factory = "factory-1";
    public const string Product = "pump";
    public const string DeviceType = "pump-a";

    public static readonly Digest Order = Digest.Of("order 1"u8);

    private readonly TemporaryFolder folder = new();
    private readonly SealKey masterKey = SealKey.FromBytes(Digest.Of("master"u8).ToArray());
    private SiteDatabase database;

    public ProgrammingWorld()
    {
        database = SiteDatabase.Open(folder.PathTo("site.db"));
        Assert.Equal(10, Import.Import(OrderOf(10), [.. Enumerable.Range(1, 10).Select(Counted)]).OrThrow());
        Assert.Null(AddIds(Product, "SN-1", "SN-2", "SN-3", "SN-4", "SN-5", "SN-6", "SN-7", "SN-8"));
        Bootloader = AddBootloader("1.0", 1).OrThrow();
        Enrol(StationName);
    }

    public SeededEntropy Entropy { get; } = new(7);

    public TimeProvider Clock { get; } = new FixedClock();

    public SigningKey ProgrammingKey { get; } = SigningKey.Generate(new SeededEntropy(8));

    public StationKey StationKey { get; } = StationKey.FromBytes(Digest.Of("station"u8).ToArray());

    public BootloaderEntry Bootloader { get; }

    public SoftwareRecordSealer Sealer => new(masterKey, Entropy);

    public SiteDatabase Database => database;

    public SqliteAlerts Alerts => new(database);

    public SqliteDevices Devices => new(database);

    public SqliteStations Stations => new(database);

    public SqliteIdentityPool Pool => new(database);

    public SqliteChips Chips => new(database);

    public SqliteBootloaders Bootloaders => new(database);

    public ImportChips Import => new(Chips, Alerts, Clock);

    public ProgramDevice Site => SiteWith(Devices);

    public string JournalOf(string station) => folder.PathTo(station + ".journal");

    /// <summary>Puts a journal on the disk as a kill left it.</summary>
    public void Restore(byte[] journal) => File.WriteAllBytes(JournalOf(StationName), journal);

    /// <summary>The site over records that a test has put something in front of.</summary>
    public ProgramDevice SiteWith(IProgrammingRecords records, SiteEpoch epoch = default) => new(
        new ProgrammingBooks(Stations, Chips, Pool, Bootloaders, Devices, records, Alerts),
        Sealer,
        ProgrammingKey,
        epoch,
        Entropy,
        Clock);

    /// <summary>As after a restart of the site.</summary>
    public void Restart()
    {
        database.Dispose();
        database = SiteDatabase.Open(folder.PathTo("site.db"));
    }

    public EnrolStation Enrolling => new(Stations, Sealer, ProgrammingKey, SiteEpoch.First, Entropy, Clock);

    /// <summary>Enrols a station and begins its journal.</summary>
    public void Enrol(string name, string factory = Factory)
    {
        using var key = HpkePrivateKey.Generate(Entropy);
        var enrolment = Enrolling.Enrol(name, factory, key.Public).OrThrow();
        Assert.Null(
            ProgrammingJournal.Begin(JournalOf(name), enrolment, key, ProgrammingKey.Public, StationKey));
    }

    public ProgrammingJournal OpenJournal(string station = StationName) =>
        ProgrammingJournal.Resume(JournalOf(station), StationKey, ProgrammingKey.Public);

    public Outcome<BootloaderEntry> AddBootloader(
        string version, ulong sequence, string deviceType = DeviceType) =>
        new AddBootloader(Bootloaders, Entropy, Clock).Add(
            new BootloaderVersion(Product, deviceType, version, sequence, ImageEncoding.Hex),
            Image(),
            Plan());

    public Refusal? AddIds(string product, params string[] serials) => new AddDeviceIds(Pool).Add(
        product, [.. serials.Select(serial => new IdentitySet([Id(serial), Id("MAC-" + serial)]))]);

    /// <summary>A chip of the order that has been provisioned; no asset was installed.</summary>
    public static SoftChip ProvisionedChip(ulong number = 1)
    {
        var chip = TestChips.Make(number);
        using var state = ChipState.Boot(chip);
        using var transaction = state.Journal.Begin();
        transaction.Then(MonotonicUpdate.OwnedBy(Digest.Of("oem"u8)));
        transaction.Then(MonotonicUpdate.Reached(Lifecycle.Provisioned));
        transaction.Commit();
        return chip;
    }

    public static DeviceId Id(string text) => DeviceId.Parse(text).OrThrow();

    public static byte[] Image() =>
        File.ReadAllBytes(Repository.PathTo("examples", "firmware", "bootloader.hex"));

    public static byte[] Plan() => File.ReadAllBytes(Repository.PathTo("examples", "firmware", "zones.json"));

    public static ProductionOrder OrderOf(uint quota) => new(Order, "2026-1", Product, Factory, quota);

    /// <summary>What the receipt of <see cref="TestChips.Make"/>'s chip of this number says.</summary>
    public static LearntChip Counted(int number)
    {
        using var chip = TestChips.Make((ulong)number);
        using var keys = new ChipKeys(chip);
        return new LearntChip(chip.Immutable.ChipId, keys.Identity.Public, keys.Kem.Public, Order);
    }

    public void Dispose()
    {
        database.Dispose();
        masterKey.Dispose();
        folder.Dispose();
    }

    private sealed class FixedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    }
}

/// <summary>The way to a site in this process, which can fail before or after the site has worked.</summary>
internal sealed class LocalSite(Func<ReadOnlyMemory<byte>, Outcome<byte[]>> site) : ISiteLink
{
    public List<byte[]> Sent { get; } = [];

    /// <summary>How many answers get lost on the way back.</summary>
    public int Losses { get; set; }

    public Outcome<byte[]> Take(ReadOnlyMemory<byte> message)
    {
        Sent.Add(message.ToArray());
        var answer = site(message);
        return Losses-- > 0 ? throw new IOException("the line is down") : answer;
    }
}
