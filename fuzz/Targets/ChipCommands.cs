using System.Text;
using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Fuzz.Mutation;
using Keywright.Owner.Firmware;
using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Diagnostics;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Sealing;
using DeliveryKeys = Keywright.Protocol.Firmware.DeliveryKeys;

namespace Keywright.Fuzz.Targets;

/// <summary>
/// The inputs of a chip's commands, up to the commit: provisioning in the contexts of the vectors, delivery
/// and dumps on a device of our own.
/// </summary>
internal static class ChipCommands
{
    // A boot, a slot machine, pages of flash and pinned blocks; an input of a few bytes may need them all.
    private const int ChipBytes = 512 * 1024;

    private static readonly Reason[] OfForm = [Reason.Malformed, Reason.TooLarge, Reason.WrongVersion];

    private static readonly Reason[] OfPackage =
    [
        Reason.Malformed, Reason.TooLarge, Reason.WrongVersion, Reason.WrongType, Reason.WrongAlgorithm,
        Reason.UnlockMismatch, Reason.DamagedPackage, Reason.WrongFamily, Reason.WrongEpoch, Reason.WrongOwner,
        Reason.WrongLot, Reason.ForeignPackage, Reason.BadSignature, Reason.UnknownKey, Reason.UnknownCommand,
    ];

    private static readonly Reason[] OfKeep =
    [
        Reason.Malformed, Reason.TooLarge, Reason.WrongVersion, Reason.WrongFamily, Reason.WrongOwner,
        Reason.KeepMismatch,
    ];

    private static readonly Reason[] OfLeaf =
    [
        Reason.Malformed, Reason.TooLarge, Reason.WrongVersion, Reason.WrongType, Reason.WrongAlgorithm,
        Reason.UnknownKey, Reason.BadSignature, Reason.BadProof, Reason.WrongFamily, Reason.WrongEpoch,
        Reason.WrongOwner, Reason.KeepMismatch, Reason.UnlockMismatch, Reason.DamagedPackage,
    ];

    public static IEnumerable<Target> Targets =>
    [
        Provisioning("chip/package", "package", "package") with { Change = ChangePackage },
        Provisioning("chip/unlock", "unlock", "unlock"),
        Provisioning("chip/order", "package", "order"),
        Kept("chip/keep-input", "keepInput"),
        Kept("chip/keep-share", "keepShare"),
        Unlocking("chip/listed-chip", "leaf"),
        Unlocking("chip/chip-list", "list"),
        .. Delivery(new ChipWorld()),
        .. Dumps(new ChipWorld()),
    ];

    internal static Judge Provision(Vector vector, string field)
    {
        var chip = ChipOf(vector);
        return bytes =>
        {
            var host = new MemoryHost()
                .With("program", vector.Bytes("program"))
                .With("command", Encoding.UTF8.GetBytes(vector.Text("command")));
            foreach (var (input, name) in new[]
                { ("package", "package"), ("unlock", "unlock"), ("order", "order"), ("order-key", "orderKey") })
            {
                host.With(input, name == field ? bytes : vector.Bytes(name));
            }

            return chip.Run("provisioning", host);
        };
    }

    internal static Judge Regenerate(Vector vector, string field)
    {
        var chip = ChipOf(vector);
        return bytes => chip.Run("provisioning", new MemoryHost()
            .With("program", vector.Bytes("program"))
            .With("command", "regenerate"u8.ToArray())
            .With("plan", vector.Bytes("plan"))
            .With("content", ReadOnlyMemory<byte>.Empty)
            .With("keep-input", field == "keepInput" ? bytes : vector.Bytes("keepInput"))
            .With("keep-share", field == "keepShare" ? bytes : vector.Bytes("keepShare")));
    }

    internal static Judge Unlock(Vector vector, string field)
    {
        var chip = ChipOf(vector);
        var inputs = new[]
        {
            ("package", "package"), ("keep-input", "keepInput"), ("keep-share", "keepShare"), ("list", "list"),
            ("leaf", "leaf"),
        };
        return bytes =>
        {
            var host = new MemoryHost()
                .With("program", vector.Bytes("program"))
                .With("command", Encoding.UTF8.GetBytes(vector.Text("command")));
            foreach (var (input, name) in inputs.Where(input => vector.Has(input.Item2)))
            {
                host.With(input, name == field ? bytes : vector.Bytes(name));
            }

            return chip.Run("provisioning", host);
        };
    }

    private static AttackedChip ChipOf(Vector vector) => new(SoftChip.Fabricate(
        ImmutableMemory.Read(vector.Bytes("chip")).OrThrow(),
        new SeededNoise(1),
        new byte[SoftChip.TesterSize]));

    private static Target Provisioning(string name, string folder, string field) => new(
        name,
        [.. Vector.All(folder).Select(it => new Seed(it.Name, it.Bytes(field), Provision(it, field)))],
        OfPackage)
    { BaseBytes = ChipBytes, CostFactor = 20 };

    private static Target Kept(string name, string field) => new(
        name,
        [.. Vector.All("keep").Select(it => new Seed(it.Name, it.Bytes(field), Regenerate(it, field)))],
        OfKeep)
    { BaseBytes = ChipBytes, CostFactor = 20 };

    private static Target Unlocking(string name, string field) => new(
        name,
        [
            .. Vector.All("unlocking").Where(it => it.Has(field))
                .Select(it => new Seed(it.Name, it.Bytes(field), Unlock(it, field))),
        ],
        OfLeaf)
    { BaseBytes = ChipBytes, CostFactor = 20 };

    /// <summary>Half of the time only the header is changed, under its right length.</summary>
    internal static byte[] ChangePackage(byte[] package, byte[] other, Dice dice)
    {
        var size = package.Length < 4 ? 0 : (package[2] << 8) | package[3];
        if (dice.OneIn(2) || size == 0 || package.Length < 4 + size)
        {
            return Mutator.Change(package, other, dice);
        }

        var header = Mutator.Change(package[4..(4 + size)], package[4..(4 + size)], dice);
        return [0, 0, (byte)(header.Length >> 8), (byte)header.Length, .. header, .. package[(4 + size)..]];
    }

    private static IEnumerable<Target> Delivery(ChipWorld world)
    {
        var origin = world.Provisioned(personalised: true);
        var claim = ChipWorld.Ask(origin, "claim", "claim");
        var chip = new AttackedChip(origin);
        byte[] program = [.. Enumerable.Range(0, 900).Select(i => (byte)(i * 7))];
        var module = SignModule.Sign(Plan(world, program), world.Owner).OrThrow();
        var grant = new Grant
        {
            Claim = Digest.Of(claim),
            Number = 1,
            Manifest = module.Digest,
            Size = (ulong)module.Content.Size,
            SiteRandom = Digest.Of("site"u8).ToArray(),
        };
        using var grantKey = DeliveryKeys.Grant(world.DeviceKey);
        var granted = Message.Mac(grant, grantKey).Bytes.ToArray();
        var bodies = Bodies(world.DeviceKey, grant, program);
        var taggingKey = DeliveryKeys.Grant(world.DeviceKey);
        var refusalKey = DeliveryKeys.Refusal(world.DeviceKey);

        MemoryHost Granted(byte[] tagged, byte[] sealedBodies) => new MemoryHost()
            .With("grant", tagged).With("module", module.Bytes).With("bodies", sealedBodies);
        yield return OnChip(
            "chip/grant",
            new Seed(
                "granted",
                Envelope.Payload(granted),
                it => chip.Run("install", Granted(it, bodies)),
                it => Envelope.Mac(Grant.Type, it, taggingKey)),
            [.. OfForm, Reason.WrongClaim, Reason.WrongGrant, Reason.BadSeal]);
        yield return OnChip(
            "chip/bodies",
            new Seed("sealed", bodies, it => chip.Run("install", Granted(granted, it))),
            [Reason.BadSeal, Reason.MissingInput]);
        yield return OnChip(
            "chip/module",
            new Seed(
                "signed",
                Envelope.Payload(module.Bytes.ToArray()),
                it => chip.Run("install-module", new MemoryHost().With("module", it).With("bodies", program)),
                it => Envelope.Sign(Module.Type, it, world.Owner)),
            [
                .. OfForm, Reason.ForeignModule, Reason.PredecessorMissing, Reason.UnknownKey, Reason.StoreFull,
                Reason.BodyMismatch, Reason.MissingInput,
            ]);
        var refusal = Message.Mac(new DeliveryRefusal(grant.Claim, 1, FailedCondition.NotEnabled), refusalKey);
        yield return OnChip(
            "chip/refusal",
            new Seed(
                "not-enabled",
                Envelope.Payload(refusal.Bytes.ToArray()),
                it => chip.Run("refused", new MemoryHost().With("refusal", it)),
                it => Envelope.Mac(DeliveryRefusal.Type, it, refusalKey)),
            [.. OfForm, Reason.WrongClaim]);
    }

    private static IEnumerable<Target> Dumps(ChipWorld world)
    {
        var origin = world.Provisioned(personalised: true);
        byte[] program = [1, 2, 3];
        var module = SignModule.Sign(Plan(world, program), world.Owner).OrThrow();
        ChipWorld.Ask(
            origin,
            "install-module",
            "none",
            new MemoryHost().With("module", module.Bytes).With("bodies", program));
        var chip = new AttackedChip(origin);
        yield return OnChip(
            "chip/dump-request",
            new Seed(
                "crash",
                new DumpRequest(world.Owner.Public.Id, "app", DumpKind.ElfCore, DumpTrigger.Crash, 7).Encode(),
                it => chip.Run("dump", new MemoryHost().With("request", it).With("content", program))),
            [Reason.Malformed, Reason.TooLarge, Reason.WrongVersion, Reason.UnknownProgram]);
    }

    private static Target OnChip(string name, Seed seed, IReadOnlyList<Reason> may) =>
        new(name, [seed], may) { BaseBytes = ChipBytes, CostFactor = 4 };

    internal static ModulePlan Plan(ChipWorld world, byte[] program)
    {
        var diagnostics = HpkePrivateKey.Generate(new SeededEntropy(22));
        return new ModulePlan
        {
            Sequence = 4,
            Product = ChipWorld.Product,
            DeviceTypes = [ChipWorld.DeviceType, "lamp-3"],
            Devices = [world.Device],
            Programs =
            [
                new ProgramSource("app", ProgramKind.Application, "1.4", new MemoryStream(program))
                {
                    BuildId = new byte[] { 0xB1 },
                    Diagnostics = diagnostics.Public.Id,
                },
            ],
            Keys = [new ModuleKey(diagnostics.Public, 1)],
        };
    }

    private static byte[] Bodies(DeviceKey key, Grant grant, byte[] program)
    {
        using var root = BodyRoot.Of(key, grant.SiteRandom.Span);
        using var bodyKey = root.Key(grant.Claim, grant.Manifest, 0);
        using var body = new MemoryStream();
        BodySealer.Seal(
            bodyKey.Expose(),
            root.Salt(grant.Claim, grant.Manifest, 0),
            BodyRoot.Context(grant.Manifest, 0),
            new MemoryStream(program),
            body);
        return body.ToArray();
    }
}
