using Keywright.Protocol;
using Keywright.Protocol.Backup;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Diagnostics;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Images;
using Keywright.Protocol.KeyDownload;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Opening;
using Keywright.Protocol.Opening.Backup;
using Keywright.Protocol.Opening.Diagnostics;
using Keywright.Protocol.Provisioning;
using Keywright.Protocol.Sealing;
using Keywright.Protocol.Sealing.Backup;
using Keywright.Protocol.Sealing.Diagnostics;
using Keywright.Protocol.Sealing.Firmware;
using Keywright.Protocol.Sealing.KeyDownload;
using Keywright.Protocol.Sealing.Provisioning;

namespace Keywright.UnitTests.Protocol.Opening;

/// <summary>A pair of sealing and opening.</summary>
/// <param name="Name">Names it.</param>
/// <param name="Fit">Makes a content that it can carry of any bytes.</param>
/// <param name="Seal">Seals a content.</param>
/// <param name="Open">Opens where it was sealed for.</param>
/// <param name="Elsewhere">Opens where it was not, by what is different there.</param>
internal sealed record Sealed(
    string Name,
    Func<byte[], byte[]> Fit,
    Func<byte[], byte[]> Seal,
    Func<byte[], Outcome<byte[]>> Open,
    IReadOnlyDictionary<string, Func<byte[], Outcome<byte[]>>> Elsewhere);

/// <summary>Everything that opens.</summary>
internal static class Openers
{
    private static readonly SeededEntropy Entropy = new(0x09E4);
    private static readonly SealKey Key = SealKey.FromBytes(Digest.Of("key"u8).ToArray());
    private static readonly SealKey OtherKey = SealKey.FromBytes(Digest.Of("other"u8).ToArray());
    private static readonly HpkePrivateKey Mine = HpkePrivateKey.Generate(Entropy);
    private static readonly HpkePrivateKey NotMine = HpkePrivateKey.Generate(Entropy);
    private static readonly SigningKey Signer = SigningKey.Generate(Entropy);
    private static readonly SigningKey OtherSigner = SigningKey.Generate(Entropy);
    private static readonly ChipId Chip = ChipId.FromRandom(new byte[16]);
    private static readonly ChipId OtherChip = ChipId.FromRandom(Digest.Of("chip"u8).ToArray().AsSpan(0, 16));
    private static readonly DeviceId Device = DeviceId.Parse("SN-1").OrThrow();

    public static IEnumerable<Sealed> All =>
    [
        Encrypt0(),
        Hpke(),
        Body(),
        Backup(),
        Enrolment(),
        ProgramFile(),
        Program(),
        Part(PackageSuite.Gcm),
        Part(PackageSuite.Ccm),
        Part(PackageSuite.CbcCmac),
        KeyDownload(),
        WholeDump(),
    ];

    private static Sealed Encrypt0()
    {
        byte[] aad = [1, 2];
        return new Sealed(
            "E0",
            content => content,
            content => Encrypt0Sealer.Seal(Key, Drawn(12), aad, content),
            message => Encrypt0Opener.Open(Key, aad, message, 4096),
            Elsewhere(
                ("key", message => Encrypt0Opener.Open(OtherKey, aad, message, 4096)),
                ("context", message => Encrypt0Opener.Open(Key, [1, 3], message, 4096)),
                ("no context", message => Encrypt0Opener.Open(Key, [], message, 4096))));
    }

    private static Sealed Hpke()
    {
        byte[] info = [1, 2];
        return new Sealed(
            "EN",
            content => content,
            content => HpkeSealer.Seal(content, info, [Mine.Public], Entropy),
            message => HpkeOpener.Open(message, info, Mine, 4096),
            Elsewhere(
                ("recipient", message => HpkeOpener.Open(message, info, NotMine, 4096)),
                ("context", message => HpkeOpener.Open(message, [1, 3], Mine, 4096))));
    }

    private static Sealed Body()
    {
        var context = BodyRoot.Context(Digest.Zero, 0);
        return new Sealed(
            "body",
            content => content,
            content =>
            {
                using var body = new MemoryStream();
                BodySealer.Seal(
                    Key.Expose(), Drawn(BodyShape.SaltSize), context, new MemoryStream(content), body);
                return body.ToArray();
            },
            body => Opened.Body(Key, context, body),
            Elsewhere(
                ("key", body => Opened.Body(OtherKey, context, body)),
                ("place", body => Opened.Body(Key, BodyRoot.Context(Digest.Zero, 1), body)),
                ("manifest", body => Opened.Body(Key, BodyRoot.Context(Digest.Of([]), 0), body))));
    }

    private static Sealed Backup()
    {
        var identity = Device.Hash();
        return new Sealed(
            "backup",
            content => content,
            content => BackupSealer.Seal(Key, Chip, identity, 3, content).Write(),
            message => Opened.Backup(message, Key, Chip, identity),
            Elsewhere(
                ("root", message => Opened.Backup(message, OtherKey, Chip, identity)),
                ("chip", message => Opened.Backup(message, Key, OtherChip, identity)),
                ("identity", message => Opened.Backup(message, Key, Chip, Digest.Zero)),
                ("number", message => SealedBackup.Parse(message).Refused(out var it, out var why)
                    ? why
                    : BackupOpener.Open(Key, Chip, identity, it with { Number = 4 }))));
    }

    private static Sealed Enrolment() => new(
        "enrolment",
        content => Filled(content, 64),
        content =>
        {
            using var secrets = new StationSecrets(
                GeneratorState.FromBytes(content.AsSpan(0, 32)), MacKey.FromBytes(content.AsSpan(32)));
            return EnrolmentSealer.Seal("line-1", "north", SiteEpoch.First, secrets, Mine.Public, Signer, Entropy)
                .Bytes.ToArray();
        },
        message => Opened.Enrolment(message, Signer, Mine, it => it),
        Elsewhere(
            ("site", message => Opened.Enrolment(message, OtherSigner, Mine, it => it)),
            ("recipient", message => Opened.Enrolment(message, Signer, NotMine, it => it)),
            ("station", message => Opened.Enrolment(message, Signer, Mine, it => it with { Station = "line-2" })),
            ("turn", message => Opened.Enrolment(message, Signer, Mine, it => it with { Turn = 1 }))));

    private static Sealed ProgramFile()
    {
        var turn = TurnKey.FromBytes(new byte[32]);
        var otherTurn = TurnKey.FromBytes(Filled([1], 32));
        var (take, otherTake) = (TakeOf(Chip, 1), TakeOf(Chip, 2));
        var otherEpoch = new SiteEpoch(Filled([1], SiteEpoch.Size));
        return new Sealed(
            "program file",
            NotEmpty,
            image =>
            {
                using var content = ContentOf(turn.DeviceKey(Device, Chip), image);
                return FileSealer.Seal(content, take, Mine.Public, SiteEpoch.First, 1, Signer, Entropy)
                    .Bytes.ToArray();
            },
            message => Opened.File(message, take, SiteEpoch.First, Signer, Mine, turn),
            Elsewhere(
                ("site", message => Opened.File(message, take, SiteEpoch.First, OtherSigner, Mine, turn)),
                ("take", message => Opened.File(message, otherTake, SiteEpoch.First, Signer, Mine, turn)),
                ("epoch", message => Opened.File(message, take, otherEpoch, Signer, Mine, turn)),
                ("recipient", message => Opened.File(message, take, SiteEpoch.First, Signer, NotMine, turn)),
                ("turn", message => Opened.File(message, take, SiteEpoch.First, Signer, Mine, otherTurn))));
    }

    private static Sealed Program() => new(
        "program command",
        NotEmpty,
        image =>
        {
            using var content = ContentOf(DeviceKey.FromBytes(new byte[DeviceKey.Size]), image);
            var program = ProgramSealer.Seal(content, Chip, Mine.Public, Entropy);
            return CborItem.Array(program.Head, program.Image);
        },
        message => Opened.Program(message, Chip, Mine),
        Elsewhere(
            ("chip", message => Opened.Program(message, OtherChip, Mine)),
            ("recipient", message => Opened.Program(message, Chip, NotMine))));

    private static Sealed Part(PackageSuite suite)
    {
        var key = new PartKey(suite, new byte[PartKey.SizeOf(suite)]);
        var otherKey = new PartKey(suite, Filled([1], PartKey.SizeOf(suite)));
        return new Sealed(
            $"part, suite {(int)suite}",
            NotEmpty,
            content =>
            {
                using var sealer = new PartSealer(key);
                var block = new byte[PackageLayout.SealedSize(suite, content.Length)];
                sealer.Seal(content, last: true, block);
                return [(byte)content.Length, (byte)(content.Length >> 8), .. block];
            },
            message => Opened.Part(message, key, before: 0, last: true),
            Elsewhere(
                ("key", message => Opened.Part(message, otherKey, before: 0, last: true)),
                ("place", message => Opened.Part(message, key, before: 1, last: true)),
                ("end", message => Opened.Part(message, key, before: 0, last: false))));
    }

    private static Sealed KeyDownload()
    {
        var (unit, otherUnit) = (new UnitKey(new byte[32]), new UnitKey(Filled([1], 32)));
        var (serial, otherSerial) = (new SerialNumber([1]), new SerialNumber([2]));
        var challenge = new OutstandingChallenge(new Challenge(new byte[Challenge.Size]), 7);
        var slot = new KeySlot(1, "D0", 'B', 1);
        return new Sealed(
            "key download",
            content => Filled(content, (content.Length % 3 * 8) + 16),
            content =>
            {
                using var key = new ApplicationKey(content);
                var request = new ExportKey(challenge.Random, challenge.Ref1, serial);
                var record = new ApplicationKeyRecord(7, "D0", 'B', 1, 1, 9, 0);
                return DownloadSealer.Seal(unit, request, record, key, Entropy);
            },
            block => Opened.Block(block, unit, serial, challenge, slot),
            Elsewhere(
                ("unit", block => Opened.Block(block, otherUnit, serial, challenge, slot)),
                ("serial number", block => Opened.Block(block, unit, otherSerial, challenge, slot)),
                ("random", block => Opened.Block(
                    block, unit, serial, challenge with { Random = new Challenge(Filled([1], 16)) }, slot)),
                ("REF1", block => Opened.Block(block, unit, serial, challenge with { Ref1 = 8 }, slot)),
                ("REF2", block => Opened.Block(block, unit, serial, challenge, slot with { Ref2 = 2 })),
                ("usage", block => Opened.Block(block, unit, serial, challenge, slot with { Usage = "M6" })),
                ("version", block => Opened.Block(block, unit, serial, challenge, slot with { MinimumVersion = 2 }))));
    }

    private static Sealed WholeDump()
    {
        var chip = new DumpingChip(Chip, Signer.Public, Device);
        return new Sealed(
            "dump",
            content => content,
            content =>
            {
                using var dump = new MemoryStream();
                var sealer = new DumpSealer(new DumpPlace(Chip, 1, 0), Entropy, bytes => dump.Write(bytes));
                using var source = new MemoryStream(content);
                sealer.Add(
                    new DumpedProgram(Digest.Zero, Digest.Zero, "app", "1", default),
                    DumpKind.ElfCore,
                    [Mine.Public],
                    source.Read);
                sealer.End(Device, DumpTrigger.Crash, null, Signer);
                return dump.ToArray();
            },
            dump => Opened.Dump(dump, chip, Mine),
            Elsewhere(
                ("chip", dump => Opened.Dump(dump, chip with { Id = OtherChip }, Mine)),
                ("identity", dump => Opened.Dump(dump, chip with { Identity = OtherSigner.Public }, Mine)),
                ("device", dump => Opened.Dump(dump, chip with { Device = DeviceId.Parse("SN-2").OrThrow() }, Mine)),
                ("recipient", dump => Opened.Dump(dump, chip, NotMine))));
    }

    private static Verified<Take> TakeOf(ChipId chip, uint turn)
    {
        using var key = MacKey.FromBytes(new byte[MacKey.Size]);
        return Message.Mac(
            new Take
            {
                Station = "line-1",
                Turn = turn,
                DeviceType = "pump-a",
                Order = Digest.Zero,
                Chip = chip,
                Fresh = Mine.Public,
            },
            key);
    }

    private static ProgramContent ContentOf(DeviceKey key, byte[] image) => new()
    {
        Kid = 1,
        Key = key,
        Devices = [Device],
        Product = "pump",
        DeviceType = "pump-a",
        Encoding = ImageEncoding.Raw(0x1000),
        Image = new ProgramFile(image),
    };

    private static byte[] NotEmpty(byte[] content) => content.Length == 0 ? [0] : content;

    private static byte[] Filled(byte[] content, int size)
    {
        var filled = new byte[size];
        content.AsSpan(0, Math.Min(size, content.Length)).CopyTo(filled);
        return filled;
    }

    private static byte[] Drawn(int size)
    {
        var bytes = new byte[size];
        Entropy.Fill(bytes);
        return bytes;
    }

    private static Dictionary<string, Func<byte[], Outcome<byte[]>>> Elsewhere(
        params (string What, Func<byte[], Outcome<byte[]>> Open)[] places) =>
        places.ToDictionary(place => place.What, place => place.Open);
}
