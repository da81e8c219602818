using System.Text;
using System.Text.Json;
using Keywright.Device.Chip;
using Keywright.Fuzz.Mutation;
using Keywright.Owner.KeyDownload;
using Keywright.Owner.Provisioning;
using Keywright.Protocol;
using Keywright.Protocol.Backup.Log;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Diagnostics;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.KeyDownload;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Provisioning;
using Keywright.PublicDirectory.Backup;
using ProgramCommand = Keywright.Protocol.Firmware.ProgramCommand;

namespace Keywright.Fuzz.Targets;

/// <summary>Readers of bytes that carry no proof of their own: their form alone is judged.</summary>
internal static class Plain
{
    private static readonly Reason[] OfForm = [Reason.Malformed, Reason.TooLarge, Reason.WrongVersion];
    private static readonly SigningKey Someone = SigningKey.Generate(new SeededEntropy(3));
    private static readonly HpkePublicKey Kem = HpkePrivateKey.Generate(new SeededEntropy(4)).Public;
    private static readonly ChipId Chip = ChipId.FromRandom(Digest.Of("chip"u8).ToArray().AsSpan(0, 16));

    private static readonly byte[] AccountOfThree =
    [
        .. """
        {
          "order": "00000000000000000000000000000000000000000000000000000000000000aa",
          "chips": [
            {"chip": "0100000000000000000000000000000001", "standing": "provisioned",
             "serial": "S-1", "what": null, "returned": null},
            {"chip": "0100000000000000000000000000000002", "standing": "failed",
             "serial": null, "what": "store-full", "returned": "2026-11-21"},
            {"chip": "0100000000000000000000000000000003", "standing": "open",
             "serial": null, "what": null, "returned": null}
          ]
        }
        """u8,
    ];

    public static IEnumerable<Target> Targets =>
    [
        .. Provisioning(),
        .. Firmware(),
        .. Backup(),
        .. Diagnostics(),
        .. KeyDownload(),
        .. Keys(),
    ];

    private static IEnumerable<Target> Provisioning()
    {
        var packages = Vector.All("package");
        var headers = packages
            .Select(it => (it.Name, it.Bytes("package")))
            .Where(it => !PackageDigest.ParseHeader(it.Item2).Refused(out _, out _))
            .Select(it => (it.Name, Bytes: PackageDigest.ParseHeader(it.Item2).OrThrow().Bytes.ToArray()))
            .ToList();
        yield return Of("package-header", headers, it => Answer.Of(PackageHeader.Parse(it), Composed),
            [.. OfForm, Reason.WrongAlgorithm]);
        yield return Of(
            "package-digest",
            packages.Select(it => (it.Name, it.Bytes("package"))),
            it => Answer.Of(PackageDigest.Of(it)),
            [.. OfForm, Reason.WrongAlgorithm, Reason.DamagedPackage]);
        yield return Of(
            "seal-plan",
            Vector.All("keep").Select(it => (it.Name, it.Bytes("plan"))),
            it => Answer.Of(SealPlan.Parse(it), plan => plan.ToArray()),
            [.. OfForm, Reason.WrongAlgorithm]);
        yield return Of(
            "instructions",
            Vector.Good("program")
                .SelectMany(it => it.Fields.GetProperty("says").GetProperty("commands").EnumerateArray())
                .Select(it => (Text(it, "name"), Convert.FromHexString(Text(it, "code")))),
            it => Answer.Of(InstructionCode.Decode(it), code => InstructionCode.Encode(code)),
            [Reason.Malformed, Reason.TooLarge]) with
        { BytesPerByte = 64 };
        yield return Of(
            "chip-leaf",
            [("leaf", new ChipLeaf(Chip, Someone.Public, Kem).ToArray())],
            it => Answer.Of(ChipLeaf.Parse(it), leaf => leaf.ToArray()),
            [Reason.Malformed, Reason.TooLarge, Reason.UnknownKey]);
        yield return Of(
            "station-account",
            [("three", AccountOfThree)],
            it => Answer.Of(StationAccount.Parse(it)),
            [Reason.Malformed]) with
        { BytesPerByte = 32, BaseBytes = 32 * 1024 };
        using var family = ChipFamily.Create("test family", 3, Someone.Public, new SeededEntropy(5));
        yield return Of(
            "chip-family",
            [("family", family.ToArray())],
            it => Read(ChipFamily.Parse(it), made => made.ToArray()),
            [.. OfForm, Reason.UnknownKey]);
        yield return Of(
            "immutable-memory",
            [
                ("free", family.ImmutableMemoryOf(Chip, 7)),
                ("locked", family.ImmutableMemoryOf(Chip, 7, Someone.Public.Id)),
            ],
            it => Read(ImmutableMemory.Read(it), Written),
            OfForm);
    }

    private static IEnumerable<Target> Firmware()
    {
        using var key = DeviceKey.FromBytes(new byte[DeviceKey.Size]);
        using var image = new Protocol.Images.ProgramFile([1, 2, 3, 4]);
        var content = new ProgramContent
        {
            Kid = 1,
            Key = key,
            Devices = [DeviceId.Parse("SN-000001").OrThrow(), DeviceId.Parse("02-00").OrThrow()],
            Product = "pump",
            DeviceType = "pump-a",
            Encoding = ImageEncoding.Raw(0x0800_0000),
            Image = image,
        };
        using var head = ProgramCommand.Encode(content);
        yield return Of(
            "program-head", [("raw", head.Expose().ToArray())], it => Read(ProgramCommand.Decode(it)), OfForm);
    }

    private static IEnumerable<Target> Backup()
    {
        var leaves = Enumerable.Range(0, 9).Select(i => Digest.Of([(byte)i])).ToArray();
        var log = new LogKey("directory.example/log", Someone.Public);
        var note = new Checkpoint(log.Name, leaves.Length, MerkleTree.RootOf(leaves)).Sign(log, Someone);
        var proofs = leaves.Select((_, i) => (Name: $"leaf-{i}", Bytes: ProofOf(leaves, i, note)));
        yield return new Target(
            "log-proof",
            [
                .. proofs.Select((it, i) => new Seed(it.Name, it.Bytes, proof =>
                    LogProof.Parse(proof).Refused(out var parsed, out var why)
                    || parsed.Check(leaves[i], log).Refused(out _, out why) ? why : new Answer(null, parsed.Write))),
            ],
            [Reason.Malformed, Reason.TooLarge, Reason.BadSignature, Reason.UnknownKey, Reason.BadProof]);
        yield return Of(
            "log-key",
            [("key", Encoding.ASCII.GetBytes(log.ToString()))],
            it => Answer.Of(
                LogKey.Parse(Encoding.Latin1.GetString(it)), made => Encoding.Latin1.GetBytes(made.ToString())),
            [Reason.Malformed, Reason.WrongAlgorithm, Reason.UnknownKey]);
        yield return Of(
            "tile-id",
            [
                ("full", [.. "tile/0/x001/x234/067"u8]),
                ("partial", [.. "tile/3/000.p/17"u8]),
                ("last", Encoding.ASCII.GetBytes(new TileId(0, long.MaxValue, 1).Path)),
            ],
            it => Answer.Of(
                TileId.Parse(Encoding.Latin1.GetString(it)), tile => Encoding.Latin1.GetBytes(tile.Path)),
            [Reason.Malformed]) with
        {
            Change = (bytes, other, dice) => dice.OneIn(4)
                ? Mutator.Change(bytes, other, dice)
                : TextMutations.Change(bytes, other, dice),
        };
        var listed = ListedEntry.Write(
            Enumerable.Range(0, 3).Select(i => new ListedEntry(i * 7, (ulong)i + 1, leaves[i], leaves[i + 1])));
        yield return Of(
            "listed-entries",
            [("three", listed)],
            it => ListedEntry.ParseList(it) is { } entries
                ? new Answer(null, () => ListedEntry.Write(entries))
                : new Refusal(Reason.Malformed, "no list"),
            [Reason.Malformed]) with
        { BytesPerByte = 32 };
    }

    private static IEnumerable<Target> Diagnostics()
    {
        var owner = Someone.Public.Id;
        yield return Of(
            "dump-request",
            [
                ("timed", new DumpRequest(owner, "app", DumpKind.ElfCore, DumpTrigger.Crash, 1_800_000_000).Encode()),
                ("untimed", new DumpRequest(owner, "app", DumpKind.Trace, DumpTrigger.Data).Encode()),
            ],
            it => Answer.Of(DumpRequest.Parse(it), request => request.Encode()),
            OfForm);
        yield return Of(
            "dump-preamble",
            [("preamble", DumpFrame.WritePreamble(new DumpPlace(Chip, 7, 2)))],
            it => Answer.Of(DumpFrame.ReadPreamble(it), DumpFrame.WritePreamble),
            OfForm);
        yield return Of(
            "dump-segment",
            [("segment", DumpFrame.WriteSegment(new SegmentHead(Someone.Public.Id, Digest.Zero, new byte[200])))],
            it => Answer.Of(DumpFrame.ReadSegment(it), DumpFrame.WriteSegment),
            OfForm);
        yield return Of(
            "chip-facts",
            [("fielded", Facts(Digest.Zero)), ("blank", Facts(null))],
            it => Answer.Of(ChipFacts.Parse(it), facts => facts.Encode()),
            [.. OfForm, Reason.UnknownKey]);
    }

    private static IEnumerable<Target> KeyDownload()
    {
        var blocks = Vector.All("key-block");
        yield return Of(
            "key-block-form",
            blocks.Select(it => (it.Name, Encoding.ASCII.GetBytes(it.Text("data")))),
            it => Answer.Of(KeyBlock.Parse(it)),
            [Reason.BadKeyBlock]);
        yield return Of(
            "import-key",
            blocks.Select(it => (it.Name, it.Bytes("importKey"))),
            it => Answer.Of(ImportKey.Parse(it), command => command.Encode()),
            OfForm);
        var serial = new SerialNumber([1, 2, 3, 4, 5]);
        yield return Of(
            "export-key",
            [("export", new ExportKey(new Challenge(new byte[Challenge.Size]), 7, serial).Encode())],
            it => Answer.Of(ExportKey.Parse(it), command => command.Encode()),
            OfForm);
        yield return Of(
            "slot-table",
            [("default", SlotTable.Default.Encode())],
            it => Answer.Of(SlotTable.Parse(it), table => table.Encode()),
            OfForm);
        yield return Of(
            "sam-event",
            SamEvents(serial),
            it => Answer.Of(SamEvent.Parse(it), happened => happened.Encode()),
            [Reason.Malformed, Reason.TooLarge]) with
        { BytesPerByte = 64 };
    }

    private static IEnumerable<Target> Keys()
    {
        yield return Of(
            "public-key",
            [("key", Someone.Public.Bytes.ToArray())],
            it => Answer.Of(PublicKey.Parse(it), key => key.Bytes.ToArray()),
            [Reason.UnknownKey]);
        yield return Of(
            "hpke-key",
            [("key", Kem.Bytes.ToArray())],
            it => Answer.Of(HpkePublicKey.Parse(it), key => key.Bytes.ToArray()),
            [Reason.UnknownKey]);
        yield return Of(
            "chip-id",
            [("id", Encoding.ASCII.GetBytes(Chip.ToString()))],
            it => Answer.Of(
                ChipId.Parse(Encoding.Latin1.GetString(it)),
                id => [.. it.Select((digit, i) => char.IsAsciiLetterUpper((char)digit)
                    ? (byte)char.ToUpperInvariant(id.ToString()[i])
                    : (byte)id.ToString()[i])]),
            [Reason.Malformed]);
        yield return Of(
            "device-id",
            [("serial", [.. "SN-000001"u8]), ("imei", [.. "353175605123399"u8])],
            it => Answer.Of(
                DeviceId.Parse(Encoding.Latin1.GetString(it)), id => Encoding.Latin1.GetBytes(id.ToString())),
            [Reason.Malformed, Reason.TooLarge]);
    }

    private static string Text(JsonElement holder, string name) => holder.GetProperty(name).GetString()!;

    private static Target Of(
        string name, IEnumerable<(string Name, byte[] Bytes)> seeds, Judge judge, IReadOnlyList<Reason> may) =>
        new(name, [.. seeds.Select(it => new Seed(it.Name, it.Bytes, judge))], may);

    private static Answer Read<T>(Outcome<T> outcome, Func<T, byte[]>? again = null)
        where T : IDisposable
    {
        if (outcome.Refused(out var read, out var why))
        {
            return why;
        }

        var written = again?.Invoke(read);
        read.Dispose();
        return new Answer(null, written is null ? null : () => written);
    }

    private static byte[] Composed(PackageHeader header) => PackageHeader.Compose(
        new SealPlan(header.Oem, header.Mode, header.Suite, header.BlockSizeBytes, header.Assets),
        header.Family,
        header.Epoch,
        header.Package.Span).Bytes.ToArray();

    private static byte[] Written(ImmutableMemory memory)
    {
        using var writer = new CborWriter(1024);
        memory.Write(writer);
        return writer.ToArray();
    }

    private static byte[] ProofOf(Digest[] leaves, int index, byte[] note) =>
        new LogProof(index, MerkleTree.ProveInclusion(leaves, index).Path, note).Write();

    private static byte[] Facts(Digest? owner) => new ChipFacts
    {
        ChipId = Chip,
        Family = "test family",
        Lot = 7,
        Stage = "fielded",
        Identity = Someone.Public,
        Kem = Kem,
        StoreIssued = 3,
        StoreShown = 2,
        StoreNumber = 3,
        RecoveryNeeded = false,
        Owner = owner,
        DeviceIdentity = owner,
    }.Encode();

    private static IEnumerable<(string Name, byte[] Bytes)> SamEvents(SerialNumber serial) => new (string, SamEvent)[]
    {
        ("setup", new SamSetup("KWTA"u8.ToArray(), new byte[48])),
        ("units", new UnitsAdded([serial, new SerialNumber([9])])),
        ("key", new KeyCreated(new ApplicationKeyRecord(5, "D0", 'B', 3, 1, 100, 0), new byte[48])),
        ("authorised", new DownloadsAuthorised("an operator", DateTimeOffset.UnixEpoch, true)),
        ("ceiling", new CeilingRaised(5, 200)),
        ("exported", new KeyExported(new byte[40], new byte[200])),
        ("acknowledged", new DownloadAcknowledged(Digest.Zero)),
    }.Select(it => (it.Item1, it.Item2.Encode()));
}
