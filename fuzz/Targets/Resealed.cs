using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Keywright.Device.Chip;
using Keywright.Fuzz.Mutation;
using Keywright.Protocol;
using Keywright.Protocol.Backup;
using Keywright.Protocol.Backup.Log;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Diagnostics;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.KeyDownload;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Opening;
using Keywright.Protocol.Opening.Backup;
using Keywright.Protocol.Opening.Diagnostics;
using Keywright.Protocol.Opening.Firmware;
using Keywright.Protocol.Opening.KeyDownload;
using Keywright.Protocol.Provisioning;
using Keywright.Protocol.Sealing;
using Keywright.Protocol.Sealing.Backup;

namespace Keywright.Fuzz.Targets;

/// <summary>What stands behind a seal: the content is changed and sealed again, so that it opens.</summary>
internal static class Resealed
{
    private static readonly Reason[] OfForm = [Reason.Malformed, Reason.TooLarge, Reason.WrongVersion];
    private static readonly SigningKey Signer = SigningKey.Generate(new SeededEntropy(31));
    private static readonly HpkePrivateKey Recipient = HpkePrivateKey.Generate(new SeededEntropy(32));
    private static readonly SealKey Sealing = SealKey.FromBytes(Digest.Of("sealing"u8).ToArray());
    private static readonly ChipId Chip = ChipId.FromRandom(Digest.Of("chip"u8).ToArray().AsSpan(0, 16));
    private static readonly DeviceId Device = DeviceId.Parse("SN-000001").OrThrow();

    public static IEnumerable<Target> Targets =>
    [
        EnrolmentContent(),
        FileContent(),
        Store(),
        Encrypt0(),
        Hpke(),
        DumpEnd(),
        KeyBlocks(),
        Leaves(),
    ];

    private static Target EnrolmentContent()
    {
        var entropy = new SeededEntropy(33);
        using var content = new CborWriter();
        content.Map(3).Key(0).UInt(1).Key(1).Bytes(new byte[32]).Key(2).Bytes(new byte[32]);
        return new Target(
            "enrolment/content",
            [
                new Seed("good", content.ToArray(), InContext.OpenedBy(Signer.Public, Recipient), it => Message.Sign(
                    new Enrolment
                    {
                        Station = "line-1",
                        Factory = "north",
                        Epoch = SiteEpoch.First,
                        Turn = 0,
                        Sealed = HpkeSealer.Seal(
                            it, CborItem.Array("enrolment", "line-1", 0), [Recipient.Public], entropy),
                    },
                    Signer).Bytes.ToArray()),
            ],
            OfForm)
        {
            CostFactor = 4,
        };
    }

    private static Target FileContent()
    {
        var entropy = new SeededEntropy(34);
        using var takeKey = MacKey.FromBytes(new byte[32]);
        var take = Message.Mac(
            new Take
            {
                Station = "line-1",
                Turn = 3,
                DeviceType = "pump-a",
                Order = Digest.Zero,
                Chip = Chip,
                Fresh = Recipient.Public,
            },
            takeKey);
        var turn = TurnKey.FromBytes(new byte[32]);
        using var key = turn.DeviceKey(Device, Chip);
        using var content = new CborWriter();
        content.Map(9).Key(0).UInt(1).Key(1).UInt(1).Key(2).Bytes(key.Expose()).Key(3).Array(1).Text($"{Device}")
            .Key(4).Text("pump").Key(5).Text("pump-a").Key(6).UInt(2).Key(7).Bytes([1, 2, 3]).Key(8).UInt(4096);
        return new Target(
            "program-file/content",
            [
                new Seed(
                    "raw",
                    content.ToArray(),
                    it =>
                    {
                        var file = FileOpener.Verify(it, take, SiteEpoch.First, Signer.Public).OrThrow();
                        if (FileOpener.Open(file, Recipient, turn).Refused(out var opened, out var why))
                        {
                            return why;
                        }

                        opened.Dispose();
                        return Answer.Accepted;
                    },
                    it => Message.Sign(
                        new SealedFile
                        {
                            Take = take.Digest,
                            Epoch = SiteEpoch.First,
                            Chip = Chip,
                            Devices = [Device],
                            Serial = 1,
                            ChipKey = Recipient.Public,
                            Sealed = HpkeSealer.Seal(
                                it, CborItem.Array("program-file", take.Digest), [Recipient.Public], entropy),
                        },
                        Signer).Bytes.ToArray()),
            ],
            [.. OfForm, Reason.WrongTake])
        {
            CostFactor = 4,
        };
    }

    private static Target Store()
    {
        var origin = new ChipWorld().Provisioned(personalised: true);
        using var state = ChipState.Boot(origin);
        using var image = state.KeyStore.Image();
        return new Target(
            "backup/store",
            [
                new Seed(
                    "store",
                    image.Expose().ToArray(),
                    it =>
                    {
                        var backup = SealedBackup.Parse(it).OrThrow();
                        var store = BackupOpener.Open(Sealing, Chip, Digest.Zero, backup).OrThrow();
                        if (KeyStoreImage.Parse(store).Refused(out var parsed, out var why))
                        {
                            return why;
                        }

                        parsed.Dispose();
                        return Answer.Accepted;
                    },
                    it => BackupSealer.Seal(
                        Sealing, Chip, Digest.Zero, 1, it.AsSpan(0, Math.Min(it.Length, SealedBackup.MaxStoreBytes)))
                        .Write()),
            ],
            OfForm)
        {
            BytesPerByte = 64,
        };
    }

    private static Target Encrypt0()
    {
        byte[] aad = CborItem.Array("fuzz");
        return new Target(
            "encrypt0",
            [
                new Seed(
                    "good",
                    Encrypt0Sealer.Seal(Sealing, new byte[12], aad, [.. "content"u8]),
                    it => Answer.Of(
                        Encrypt0Opener.Open(Sealing, aad, it, 256),
                        content => Encrypt0Sealer.Seal(Sealing, new byte[12], aad, content))),
            ],
            Reason.Malformed,
            Reason.TooLarge,
            Reason.WrongAlgorithm,
            Reason.BadSeal);
    }

    private static Target Hpke()
    {
        byte[] info = CborItem.Array("fuzz");
        var other = HpkePrivateKey.Generate(new SeededEntropy(35)).Public;
        byte[] Sealed(params HpkePublicKey[] to) =>
            HpkeSealer.Seal("content"u8, info, to, new SeededEntropy(36));
        Judge open = it => Answer.Of(HpkeOpener.Open(it, info, Recipient, 256));
        return new Target(
            "hpke",
            [
                new Seed("one", Sealed(Recipient.Public), open),
                new Seed("three", Sealed(other, Recipient.Public, Signing()), open),
            ],
            Reason.Malformed,
            Reason.TooLarge,
            Reason.WrongAlgorithm,
            Reason.NotTheRecipient,
            Reason.BadSeal);
    }

    /// <summary>The end of a dump under a signature of its own, behind the segments that it speaks of.</summary>
    private static Target DumpEnd()
    {
        var vector = Vector.Good("dump").First(it => it.Name == "one-segment");
        var frames = Frames.Split(vector.Bytes("dump"));
        var chip = new DumpingChip(
            ChipId.Parse(vector.Bytes("chip")).OrThrow(),
            Signer.Public,
            DeviceId.Parse(vector.Text("device")).OrThrow());
        HpkePrivateKey[] keys =
        [
            .. vector.Fields.GetProperty("keys").EnumerateArray()
                .Select(key => HpkePrivateKey.FromScalar(Convert.FromHexString(key.GetString()!))),
        ];
        return new Target(
            "dump/end",
            [
                new Seed(
                    "one-segment",
                    Envelope.Payload(frames[^1].Content),
                    InContext.DumpOpenedBy(chip, keys),
                    it => Frames.Join(
                        [.. frames.SkipLast(1), (DumpFrame.End, Envelope.Sign(Dump.Type, it, Signer))])),
            ],
            [.. OfForm, Reason.WrongDump, Reason.WrongIdentity])
        {
            BaseBytes = 512 * 1024,
        };
    }

    /// <summary>Key blocks with a changed header under a MAC that is right.</summary>
    private static Target KeyBlocks()
    {
        var serial = new SerialNumber([1, 2, 3, 4]);
        var slot = new KeySlot(1, "D0", 'B', 3);
        var unit = new UnitKey(new byte[16]);
        var challenge = new OutstandingChallenge(new Challenge(new byte[16]), 5);
        var download = new Download(challenge.Random, 5, 1, serial);
        using var operation = download.KeyOf(unit);
        var protection = operation.Expose().ToArray();
        var header = new ApplicationKeyRecord(5, "D0", 'B', 3, 1, 9, 0).HeaderFor(download);
        using var key = new ApplicationKey(new byte[16]);
        var block = Protocol.Sealing.KeyDownload.KeyBlockSealer.Seal(operation, header, key, new SeededEntropy(37));
        return new Target(
            "key-block/header",
            [
                new Seed(
                    "good",
                    block[..^KeyBlockTailSize],
                    it => DownloadOpener.Open(unit, serial, challenge, [slot], new ImportKey(it, 1))
                        .Refused(out var received, out var why)
                            ? why
                            : Kept(received),
                    it => KeyBlock(protection, it)),
            ],
            Reason.WrongReference,
            Reason.BadKeyBlock,
            Reason.WrongUsage,
            Reason.OlderKey)
        {
            BaseBytes = 64 * 1024,
            Change = (bytes, _, dice) =>
                dice.OneIn(4) ? Mutator.Change(bytes, bytes, dice) : ChangeWord(bytes, dice),
        };
    }

    /// <summary>In characters: 48 bytes encrypted and a MAC of 16.</summary>
    internal const int KeyBlockTailSize = 2 * 64;

    /// <summary>One character becomes another digit or capital letter.</summary>
    private static byte[] ChangeWord(byte[] header, Dice dice)
    {
        var changed = (byte[])header.Clone();
        changed[dice.Below(dice.OneIn(2) ? 16 : changed.Length)] =
            dice.Pick<byte>([.. "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"u8]);
        return changed;
    }

    /// <summary>ANSI X9.143 version D by the letter: length, MAC and encryption for any header.</summary>
    internal static byte[] KeyBlock(byte[] protection, byte[] header)
    {
        if (header.Length is < 16 or > 256)
        {
            return header;
        }

        var head = (byte[])header.Clone();
        var length = (head.Length + KeyBlockTailSize).ToString("D4", CultureInfo.InvariantCulture);
        Encoding.ASCII.GetBytes(length).CopyTo(head, 1);
        var clear = new byte[48];
        clear[1] = 128;
        var mac = new byte[16];
        AesCmac.Compute(Derived(protection, 1), [.. head, .. clear], mac);
        using var aes = Aes.Create();
        aes.SetKey(Derived(protection, 0));
        var encrypted = aes.EncryptCbc(clear, mac, PaddingMode.None);
        return [.. head, .. Encoding.ASCII.GetBytes(Convert.ToHexString([.. encrypted, .. mac]))];
    }

    private static byte[] Derived(byte[] protection, byte purpose)
    {
        var derived = new byte[protection.Length];
        for (var i = 0; i * 16 < derived.Length; i++)
        {
            AesCmac.Compute(protection, [(byte)(i + 1), 0, purpose, 0, 0, 4, 1, 0], derived.AsSpan(i * 16));
        }

        return derived;
    }

    /// <summary>The leaves of a chip list under a list that is signed over them.</summary>
    private static Target Leaves()
    {
        var leaves = Vector.Good("chip-list")[0].Bytes("leaves");
        return new Target(
            "chip-list/signed",
            [
                new Seed(
                    "good",
                    leaves,
                    it =>
                    {
                        var reader = new CborReader(it);
                        reader.Array(2, 2);
                        var list = reader.Bytes(0, it.Length).ToArray();
                        return Answer.Of(ListedChips.Verify(list, reader.Bytes(0, it.Length), Signer.Public));
                    },
                    it =>
                    {
                        var hashes = it.Chunk(ChipLeaf.Size).Select(leaf => MerkleTree.LeafHash(leaf));
                        var root = MerkleTree.RootOf([.. hashes]);
                        var list = new ChipList("test family", 7, (uint)(it.Length / ChipLeaf.Size), root);
                        return CborItem.Array(Message.Sign(list, Signer).Bytes, it);
                    }),
            ],
            Reason.Malformed,
            Reason.TooLarge,
            Reason.UnknownKey);
    }

    private static HpkePublicKey Signing() => HpkePublicKey.Parse(Signer.Public.Bytes).OrThrow();

    private static Answer Kept(ReceivedKey received)
    {
        received.Dispose();
        return Answer.Accepted;
    }
}
