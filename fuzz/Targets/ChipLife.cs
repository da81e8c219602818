using System.Buffers.Binary;
using System.Text;
using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Owner.Firmware;
using Keywright.Protocol;
using Keywright.Protocol.Backup;
using Keywright.Protocol.Backup.Log;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Cose;
using Keywright.Protocol.KeyDownload;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Sealing.KeyDownload;

namespace Keywright.Fuzz.Targets;

/// <summary>A chip's commands of identity, backup and key download, and what lies in its flash.</summary>
internal static class ChipLife
{
    private const int ChipBytes = 512 * 1024;

    private static readonly Reason[] OfMessage =
    [
        Reason.Malformed, Reason.TooLarge, Reason.WrongVersion, Reason.WrongType, Reason.WrongAlgorithm,
        Reason.UnknownKey,
    ];

    // An object that is larger than the flash is refused when it is put there.
    private static readonly Reason[] OfObject =
        [Reason.Malformed, Reason.TooLarge, Reason.WrongVersion, Reason.StoreFull];

    public static IEnumerable<Target> Targets
    {
        get
        {
            var world = new ChipWorld();
            var personalised = world.Provisioned(personalised: true);
            return
            [
                .. Identity(world, personalised),
                .. Backup(world, personalised.Snapshot()),
                ImportKeys(world, personalised.Snapshot()),
                .. Flash(world, personalised.Snapshot()),
            ];
        }
    }

    private static IEnumerable<Target> Identity(ChipWorld world, SoftChip origin)
    {
        var chip = new AttackedChip(origin);
        var certificate = CertificateOf(world, origin);
        MemoryHost Chain(ReadOnlyMemory<byte> issuer, ReadOnlyMemory<byte> own) => new MemoryHost()
            .With("order-key", world.OrderKey.Public.Bytes.ToArray())
            .With("issuer", issuer)
            .With("certificate", own);
        var issuer = world.Issuer;
        yield return OnChip(
            "chip/certificate",
            new Seed(
                "own",
                Envelope.Payload(certificate.Bytes.ToArray()),
                it => chip.Run("certify", Chain(issuer.Bytes, it)),
                it => Envelope.Sign(Certificate.Type, it, world.IssuingKey)),
            [.. OfMessage, Reason.WrongChip, Reason.WrongIdentity, Reason.BrokenChain]);
        yield return OnChip(
            "chip/issuer",
            new Seed(
                "own",
                Envelope.Payload(issuer.Bytes.ToArray()),
                it => chip.Run("certify", Chain(it, certificate.Bytes)),
                it => Envelope.Sign(Issuer.Type, it, world.OrderKey)),
            [.. OfMessage, Reason.BadSignature, Reason.BrokenChain]);
        yield return OnChip(
            "chip/device-id",
            new Seed(
                "own",
                Encoding.ASCII.GetBytes(world.Device.ToString()),
                it => chip.Run("possess", new MemoryHost().With("nonce", new byte[16]).With("device-id", it))),
            [Reason.Malformed, Reason.TooLarge, Reason.WrongIdentity]);
    }

    private static IEnumerable<Target> Backup(ChipWorld world, SoftChip chip)
    {
        var certificate = CertificateOf(world, chip);
        ChipWorld.Ask(chip, "certify", "none", new MemoryHost()
            .With("order-key", world.OrderKey.Public.Bytes.ToArray())
            .With("issuer", world.Issuer.Bytes)
            .With("certificate", certificate.Bytes));
        var entry = ChipWorld.Ask(chip, "backup", "entry");
        var proof = ProofOf(world, entry);
        var backedUp = new AttackedChip(chip);
        yield return OnChip(
            "chip/proof",
            new Seed("shown", proof, it => backedUp.Run("show-proof", new MemoryHost().With("proof", it))),
            [Reason.Malformed, Reason.TooLarge, Reason.BadSignature, Reason.UnknownKey, Reason.BadProof]);

        var wiped = new AttackedChip(chip.WithFlash(new MemoryFlash(chip.Flash.PageCount, chip.Flash.PageSize)));
        using var keys = new ChipKeys(chip);
        var identity = SigningKey.FromScalar(keys.Identity.Expose());
        yield return OnChip(
            "chip/entry",
            new Seed(
                "own",
                Envelope.Payload(entry),
                it => wiped.Run("recover", Recovery(world, it)),
                it =>
                {
                    var signed = Envelope.Sign(Entry.Type, it, identity);
                    return CborItem.Array(signed, ProofOf(world, signed));
                }),
            [
                .. OfMessage, Reason.ForeignBackup, Reason.WrongIdentity, Reason.BadSignature, Reason.StaleBackup,
                Reason.BrokenChain,
            ]);
    }

    private static MemoryHost Recovery(ChipWorld world, byte[] entryAndProof)
    {
        var reader = new CborReader(entryAndProof);
        reader.Array(2, 2);
        var entry = reader.Bytes(0, entryAndProof.Length).ToArray();
        var proof = reader.Bytes(0, entryAndProof.Length).ToArray();
        return new MemoryHost()
            .With("entry", entry)
            .With("proof", proof)
            .With("issuer", world.Issuer.Bytes)
            .With("order-key", world.OrderKey.Public.Bytes.ToArray());
    }

    private static Target ImportKeys(ChipWorld world, SoftChip origin)
    {
        var ref1 = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(ref1, 5);
        ChipWorld.Require(ShowStore(origin));
        var request = ExportKey.Parse(
            ChipWorld.Ask(origin, "challenge", "export-key", new MemoryHost().With("ref1", ref1))).OrThrow();
        using var transport = new TransportKey(world.Transport);
        var unit = Diversification.KeyOf(transport, request.Serial, SlotTable.Default.ApplicationId.Span);
        using var key = new ApplicationKey(new byte[16]);
        var record = new ApplicationKeyRecord(5, "D0", 'B', 3, 1, 100, 0);
        var block = DownloadSealer.Seal(unit, request, record, key, new SeededEntropy(21));
        var chip = new AttackedChip(origin);
        return OnChip(
            "chip/import-key",
            new Seed(
                "exported",
                new ImportKey(block, 1).Encode(),
                it => chip.Run("import-key", new MemoryHost().With("import-key", it))),
            [
                Reason.Malformed, Reason.TooLarge, Reason.WrongVersion, Reason.WrongReference, Reason.BadKeyBlock,
            ]);
    }

    /// <summary>Objects that the chip itself sealed, with another content; and flash changed from outside.</summary>
    private static IEnumerable<Target> Flash(ChipWorld world, SoftChip origin)
    {
        byte[] program = [1, 2, 3];
        var module = SignModule.Sign(ChipCommands.Plan(world, program), world.Owner).OrThrow();
        ChipWorld.Ask(
            origin, "install-module", "none", new MemoryHost().With("module", module.Bytes).With("bodies", program));
        ChipWorld.Ask(origin, "certify", "none", new MemoryHost()
            .With("order-key", world.OrderKey.Public.Bytes.ToArray())
            .With("issuer", world.Issuer.Bytes)
            .With("certificate", CertificateOf(world, origin).Bytes));
        var chip = new AttackedChip(origin);
        var objects = new (string Name, string Command, IReadOnlyList<Reason> May)[]
        {
            ("nameplate", "claim", [.. OfObject, Reason.WrongIdentity]),
            ("installed", "software", [.. OfObject, Reason.UnknownKey]),
            (
                "certificate",
                "backup",
                [
                    .. OfObject, Reason.WrongType, Reason.WrongAlgorithm, Reason.UnknownKey, Reason.BrokenChain,
                    Reason.BadSignature, Reason.WrongChip, Reason.WrongIdentity,
                ]),
        };
        using var state = ChipState.Boot(origin.Snapshot());
        foreach (var (name, command, may) in objects)
        {
            yield return OnChip(
                $"flash/{name}",
                new Seed(
                    "own",
                    state.Journal.ReadAll(name).OrThrow(),
                    it => chip.RunOver(name, it, command, new MemoryHost())),
                may);
        }

        yield return new Target("flash/pages", [new Seed("own", Pages(origin), it => Boot(origin, it))])
        {
            BaseBytes = ChipBytes,
            CostFactor = 20,
        };
    }

    /// <summary>
    /// A chip with this flash boots and says what it is; a changed flash is a lost one, and never another
    /// store than its own.
    /// </summary>
    private static Answer Boot(SoftChip origin, byte[] content)
    {
        var flash = new MemoryFlash(origin.Flash.PageCount, origin.Flash.PageSize);
        var word = new byte[IFlash.WordSize];
        var size = Math.Min(content.Length, flash.PageCount * flash.PageSize);
        for (var at = 0; at + word.Length <= size; at += word.Length)
        {
            content.AsSpan(at, word.Length).CopyTo(word);
            if (word.AsSpan().ContainsAnyExcept((byte)0xFF))
            {
                flash.ProgramWord(at, word);
            }
        }

        using var booted = BootedDevice.Boot(origin.WithFlash(flash));
        var host = new MemoryHost();
        ChipWorld.Require(booted.Execute("identify", host));
        var facts = ChipFacts.Parse(host.Emitted("facts")).OrThrow();
        return facts.RecoveryNeeded ? new Answer(null, null, "lost") : Answer.Accepted;
    }

    private static byte[] Pages(SoftChip chip)
    {
        var content = new byte[chip.Flash.PageCount * chip.Flash.PageSize];
        chip.Flash.Read(0, content);
        return content;
    }

    private static Verified<Certificate> CertificateOf(ChipWorld world, SoftChip chip)
    {
        using var keys = new ChipKeys(chip);
        return Message.Sign(
            new Certificate
            {
                Chip = chip.Immutable.ChipId,
                Device = world.Device,
                DeviceType = ChipWorld.DeviceType,
                Product = ChipWorld.Product,
                Identity = keys.Identity.Public,
                Tls = keys.Tls.Public,
                Kem = keys.Kem.Public,
                Issued = 1_790_000_000,
                Station = "station-1",
            },
            world.IssuingKey);
    }

    private static byte[] ProofOf(ChipWorld world, byte[] entry)
    {
        Digest[] leaves = [Digest.Of("another"u8), MerkleTree.LeafHash(entry), Digest.Of("a third"u8)];
        var note = new Checkpoint(world.Log.Name, leaves.Length, MerkleTree.RootOf(leaves))
            .Sign(world.Log, world.LogSigner);
        return new LogProof(1, MerkleTree.ProveInclusion(leaves, 1).Path, note).Write();
    }

    // As if the backup of the store had been shown: a store may change then.
    private static Refusal? ShowStore(SoftChip chip)
    {
        using var state = ChipState.Boot(chip);
        using var transaction = state.Journal.Begin();
        state.KeyStore.MarkShown(transaction);
        transaction.Commit();
        return state.KeyStore.ChangeRefused;
    }

    private static Target OnChip(string name, Seed seed, IReadOnlyList<Reason> may) =>
        new(name, [seed], may) { BaseBytes = ChipBytes, CostFactor = 4 };
}
