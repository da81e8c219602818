using Keywright.Keystores.Software;
using Keywright.Owner.Firmware;
using Keywright.Protocol;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Keys;
using Keywright.Site;
using Keywright.Site.Backup;
using Keywright.Site.Firmware;
using Keywright.Storage.Sqlite;
using Keywright.Storage.Sqlite.Firmware;

namespace Keywright.TestSupport;

/// <summary>
/// A site on its real database, an owner, and devices as they leave first programming. The registers of
/// devices and certificates alone stand in memory: to delivery they are ports.
/// </summary>
internal sealed class DeliveryWorld : IDisposable
{
    public const string Product = "lamp";
    public const string DeviceType = "lamp-2";

    private readonly TemporaryFolder folder = new();
    private readonly MemoryRegistry registry = new();
    private readonly MemoryCertificates certificates = new();
    private readonly SeededEntropy entropy = new(0xDE11);
    private readonly SealKey masterKey = SealKey.FromBytes(new byte[SealKey.Size]);
    private readonly SoftwareRecordSealer sealer;

    public DeliveryWorld()
    {
        sealer = new SoftwareRecordSealer(masterKey, entropy);
        Database = SiteDatabase.Open(folder.PathTo("site.db"));
        Start();
    }

    public SigningKey Owner { get; } = SigningKey.Generate(new SeededEntropy(0x0113E5));

    public TestClock Clock { get; } = new();

    public SiteDatabase Database { get; private set; }

    public DeliverFirmware Deliver { get; private set; } = null!;

    public CloseDelivery Close { get; private set; } = null!;

    public OpenBodies Bodies { get; private set; } = null!;

    public AddSoftware Add { get; private set; } = null!;

    public SqliteDeliveryTerms Terms { get; private set; } = null!;

    public SqliteTracking Tracking { get; private set; } = null!;

    public SqliteDeliveries Ledger { get; private set; } = null!;

    public IReadOnlyList<Alert> Alerts => new SqliteAlerts(Database).Newest(10_000);

    /// <summary>The precise reasons in the log, oldest first.</summary>
    public IEnumerable<Reason> Reasons => Alerts.Reverse().Select(alert => alert.Reason);

    /// <summary>As after a restart of the site's process.</summary>
    public void Restart()
    {
        var path = folder.PathTo("site.db");
        Database.Dispose();
        Database = SiteDatabase.Open(path);
        Start();
    }

    /// <summary>A device that was programmed at the factory and registered at the site.</summary>
    public TestDevice Make(ulong number = 1, string deviceType = DeviceType, bool registered = true)
    {
        var id = DeviceId.Parse($"LAMP-{number:D4}").OrThrow();
        Span<byte> bytes = stackalloc byte[DeviceKey.Size];
        new SeededEntropy(number ^ 0xD00D).Fill(bytes);
        using var key = DeviceKey.FromBytes(bytes);
        var device = TestDevice.Program(number, id, Product, deviceType, key, Owner.Public);
        if (registered)
        {
            Register(device.ChipId, id, key, deviceType, (uint)number);
        }

        return device;
    }

    /// <summary>What the site keeps of a device once it was programmed.</summary>
    public void Register(
        ChipId chip, DeviceId id, DeviceKey key, string deviceType = DeviceType, uint turn = 1) =>
        registry.Add(new DeviceRecord
        {
            Id = RecordId.New(Clock.GetUtcNow(), entropy),
            Chip = chip,
            Devices = [id],
            Kid = 1,
            SealedKey = sealer.Seal(key, DeviceRecord.KeyContext(chip, 1)),
            Product = Product,
            DeviceType = deviceType,
            Order = Digest.Zero,
            Station = "line-7",
            Factory = "Shenzhen",
            Turn = turn,
            Take = Digest.Zero,
            Bootloader = RecordId.New(Clock.GetUtcNow(), entropy),
            ProgrammedAt = Clock.GetUtcNow(),
        });

    /// <summary>Signs a module of one application and adds it to the archive.</summary>
    public TestModule Publish(ulong sequence, int size = 3000, Func<ModulePlan, ModulePlan>? change = null)
    {
        var module = TestModule.Sign(Owner, sequence, size, change);
        Add.Add(module.Manifest, Owner.Public, module.Streams()).OrThrow();
        return module;
    }

    /// <summary>Enrols a device's identity, as issuing its certificate does.</summary>
    public void Enrol(TestDevice device)
    {
        var keys = device.State.Keys;
        certificates.Add(new IssuedCertificate(
            device.ChipId,
            registry.Find(device.ChipId)!.Devices[0],
            keys.Identity.Public,
            keys.Tls.Public,
            keys.Kem.Public,
            default));
    }

    /// <summary>One whole delivery, nothing lost; gives the Done.</summary>
    public byte[] Update(TestDevice device, Digest? manifest = null)
    {
        var grant = Deliver.Answer(device.Claim(manifest)).OrThrow();
        Assert.Null(Install(device, grant));
        Close.Close(device.Done()).OrThrow();
        return device.Done();
    }

    /// <summary>Fetches manifest and bodies of a Grant, and gives them to the device.</summary>
    public Refusal? Install(TestDevice device, ReadOnlyMemory<byte> grant)
    {
        using var bodies = Bodies.Open(Digest.Of(grant.Span)).OrThrow();
        return device.Install(grant, bodies.Manifest, ReadAll(bodies));
    }

    public static byte[] ReadAll(SealedBodies bodies)
    {
        var all = new byte[bodies.Size];
        Assert.Equal(all.Length, bodies.Read(0, all));
        return all;
    }

    public void Dispose()
    {
        Database.Dispose();
        masterKey.Dispose();
        folder.Dispose();
    }

    private void Start()
    {
        var terms = Terms = new SqliteDeliveryTerms(Database);
        var archive = new SqliteSoftware(Database);
        Tracking = new SqliteTracking(Database);
        Ledger = new SqliteDeliveries(Database);
        var devices = new KnownDevices(registry, certificates, sealer);
        var edge = new Edge(new SqliteAlerts(Database), Tracking, Clock);
        Deliver = new DeliverFirmware(devices, Ledger, archive, terms, edge, entropy, Clock);
        Close = new CloseDelivery(devices, Ledger, edge, Clock);
        Bodies = new OpenBodies(devices, Ledger, archive, edge);
        Add = new AddSoftware(archive, Clock);
    }

    private sealed class MemoryCertificates : ICertificateRegister
    {
        private readonly Dictionary<ChipId, IssuedCertificate> issued = [];

        public void Add(IssuedCertificate certificate) => issued.Add(certificate.Chip, certificate);

        public IssuedCertificate? Find(ChipId chip) => issued.GetValueOrDefault(chip);

        public void OpenNonce(ChipId chip, ReadOnlySpan<byte> nonce, DateTimeOffset at) =>
            throw new NotSupportedException("Certificates are issued elsewhere.");

        public CertificateWrite Keep(
            IssuedCertificate certificate, ReadOnlySpan<byte> nonce, DateTimeOffset at) =>
            throw new NotSupportedException("Certificates are issued elsewhere.");
    }

    private sealed class MemoryRegistry : IDeviceRegistry
    {
        private readonly List<DeviceRecord> records = [];

        public void Add(DeviceRecord record) => records.Add(record);

        public DeviceRecord? Find(DeviceId device) => records.Find(record => record.Devices.Contains(device));

        public DeviceRecord? Find(ChipId chip) => records.Find(record => record.Chip == chip);

        public void MarkActive(DeviceRecord device, DateTimeOffset at)
        {
            var index = records.FindIndex(record => record.Chip == device.Chip);
            records[index] = records[index] with { ActiveAt = records[index].ActiveAt ?? at };
        }

        public IReadOnlyList<DeviceRecord> Made(string? station, int count) => records;
    }
}

/// <summary>A clock that a test moves.</summary>
internal sealed class TestClock : TimeProvider
{
    private DateTimeOffset now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public void Advance(TimeSpan by) => now += by;

    public override DateTimeOffset GetUtcNow() => now;
}

/// <summary>A signed module and its programs.</summary>
internal sealed record TestModule(Verified<Module> Signed, IReadOnlyList<byte[]> Programs)
{
    public ReadOnlyMemory<byte> Manifest => Signed.Bytes;

    public Digest Digest => Signed.Digest;

    public byte[] Clear => [.. Programs.SelectMany(program => program)];

    public IReadOnlyList<Stream> Streams() => [.. Programs.Select(program => new MemoryStream(program))];

    public static TestModule Sign(
        SigningKey owner, ulong sequence, int size = 3000, Func<ModulePlan, ModulePlan>? change = null)
    {
        var plan = new ModulePlan
        {
            Sequence = sequence,
            Product = DeliveryWorld.Product,
            Programs = [Source("app", sequence, size)],
        };
        plan = change?.Invoke(plan) ?? plan;
        var programs = plan.Programs.Select(source => ((MemoryStream)source.Content).ToArray()).ToList();
        return new TestModule(SignModule.Sign(plan, owner).OrThrow(), programs);
    }

    public static ProgramSource Source(string name, ulong sequence, int size)
    {
        var content = new byte[size];
        new SeededEntropy(sequence + ((ulong)size << 20)).Fill(content);
        return new ProgramSource(name, ProgramKind.Application, $"1.{sequence}", new MemoryStream(content));
    }
}
