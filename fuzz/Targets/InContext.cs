using System.Text;
using System.Text.Json;
using Keywright.Fuzz.Mutation;
using Keywright.Protocol;
using Keywright.Protocol.Backup;
using Keywright.Protocol.Backup.Log;
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

namespace Keywright.Fuzz.Targets;

/// <summary>
/// What is opened with keys and identities that a vector names: each vector is judged in its own context, and
/// so is what it is changed into.
/// </summary>
internal static class InContext
{
    // Of a chain only one part is the input.
    private const int WholeChain = 64 * 1024;

    // A CMAC has a buffer of 4 KiB, and a key block derives its keys with several.
    private const int ManyCmacs = 64 * 1024;

    private static readonly Reason[] OfProgram =
    [
        Reason.Malformed, Reason.TooLarge, Reason.WrongVersion, Reason.WrongAlgorithm, Reason.NotTheRecipient,
        Reason.BadSeal, Reason.BodyMismatch,
    ];

    private static readonly Reason[] OfChain =
    [
        Reason.Malformed, Reason.TooLarge, Reason.WrongVersion, Reason.WrongType, Reason.WrongAlgorithm,
        Reason.UnknownKey, Reason.BrokenChain, Reason.BadSignature,
    ];

    public static IEnumerable<Target> Targets =>
    [
        Of("enrolment/open", "enrolment", "enrolment", OpenEnrolment,
            [
                Reason.Malformed, Reason.TooLarge, Reason.WrongVersion, Reason.WrongType, Reason.WrongAlgorithm,
                Reason.BadSignature, Reason.NotTheRecipient, Reason.BadSeal,
            ]),
        Of("program-file/open", "program-file", "file", OpenFile,
            [
                Reason.Malformed, Reason.TooLarge, Reason.WrongVersion, Reason.WrongType, Reason.WrongAlgorithm,
                Reason.UnknownKey, Reason.BadSignature, Reason.WrongTake, Reason.StaleEpoch, Reason.NotTheRecipient,
                Reason.BadSeal,
            ]),
        Of("envelope", "envelope", "message", OpenEnvelope,
            [
                Reason.Malformed, Reason.TooLarge, Reason.WrongAlgorithm, Reason.NotTheRecipient, Reason.BadSeal,
            ]),
        Of("program-command/head", "program-command", "head", it => OpenProgram(it, "head"), OfProgram)
            with { BaseBytes = 128 * 1024 },
        Of("program-command/image", "program-command", "image", it => OpenProgram(it, "image"), OfProgram)
            with { BaseBytes = 128 * 1024, CostFactor = 4 },
        Of("chain/certificate", "chain", "certificate", it => JudgeChain(it, "certificate"), OfChain)
            with { BaseBytes = WholeChain, CostFactor = 2 },
        Of("chain/issuer", "chain", "issuer", it => JudgeChain(it, "issuer"), OfChain)
            with { BaseBytes = WholeChain, CostFactor = 2 },
        Of("chain/order-key", "chain", "order-key", it => JudgeChain(it, "order-key"), OfChain)
            with { BaseBytes = WholeChain, CostFactor = 2 },
        Of("chip-list/leaves", "chip-list", "leaves", VerifyLeaves,
            [
                Reason.Malformed, Reason.UnknownKey, Reason.BadProof, Reason.TooLarge, Reason.WrongVersion,
                Reason.BadSignature,
            ]),
        Of("backup", "backup", "message", OpenBackup,
            [
                Reason.Malformed, Reason.TooLarge, Reason.WrongVersion, Reason.WrongType, Reason.WrongAlgorithm,
                Reason.ForeignBackup,
            ]),
        Of("checkpoint", "checkpoint", "note", OpenCheckpoint,
            [Reason.Malformed, Reason.TooLarge, Reason.BadSignature, Reason.UnknownKey, Reason.BadProof]),
        Of("body", "body", "body", OpenBody, [Reason.BadSeal]) with { BaseBytes = 96 * 1024 },
        Of("dump", "dump", "dump", OpenDump,
            [
                Reason.Malformed, Reason.TooLarge, Reason.WrongVersion, Reason.WrongType, Reason.WrongAlgorithm,
                Reason.WrongChip, Reason.WrongIdentity, Reason.BadSignature, Reason.BadSeal, Reason.WrongDump,
                Reason.NotTheRecipient, Reason.UnfinishedDump,
            ]) with { Change = Frames.Change, BaseBytes = 512 * 1024 },
        Of("key-block", "key-block", "importKey", ImportKeyBlock,
            [
                Reason.Malformed, Reason.TooLarge, Reason.WrongVersion, Reason.NoChallenge, Reason.WrongReference,
                Reason.BadKeyBlock, Reason.WrongUsage, Reason.OlderKey,
            ]) with { BaseBytes = ManyCmacs },
        Of("ack", "ack", "message", CheckAcknowledgement,
            [Reason.Malformed, Reason.TooLarge, Reason.WrongVersion, Reason.BadAcknowledgement])
            with { BaseBytes = ManyCmacs },
    ];

    private static Target Of(
        string name, string folder, string field, Func<Vector, Judge> judgeIn, IReadOnlyList<Reason> may) => new(
            name,
            [.. Vector.All(folder).Select(it => new Seed(it.Name, BytesOf(it, field), judgeIn(it)))],
            may);

    private static byte[] BytesOf(Vector vector, string field) =>
        field == "note" ? Encoding.UTF8.GetBytes(vector.Text(field)) : vector.Bytes(field);

    internal static Judge OpenEnrolment(Vector vector)
    {
        var site = PublicKey.Parse(vector.Bytes("programming-key")).OrThrow();
        return OpenedBy(site, HpkePrivateKey.FromScalar(vector.Bytes("station-key")));
    }

    internal static Judge OpenedBy(PublicKey site, HpkePrivateKey station) =>
        message =>
        {
            if (EnrolmentOpener.Verify(message, site).Refused(out var enrolment, out var why)
                || EnrolmentOpener.Open(enrolment, station).Refused(out var secrets, out why))
            {
                return why;
            }

            secrets.Dispose();
            return Answer.Accepted;
        };

    internal static Judge OpenFile(Vector vector)
    {
        using var takeKey = MacKey.FromBytes(vector.Bytes("take-key"));
        var take = Message.Parse<Take>(vector.Bytes("take")).OrThrow().VerifyMac(takeKey).OrThrow();
        var site = PublicKey.Parse(vector.Bytes("programming-key")).OrThrow();
        var epoch = new SiteEpoch(vector.Bytes("epoch"));
        var fresh = HpkePrivateKey.FromScalar(vector.Bytes("fresh-key"));
        var turn = TurnKey.FromBytes(vector.Bytes("turn-key"));
        return message =>
        {
            if (FileOpener.Verify(message, take, epoch, site).Refused(out var file, out var why)
                || FileOpener.Open(file, fresh, turn).Refused(out var content, out why))
            {
                return why;
            }

            content.Dispose();
            return Answer.Accepted;
        };
    }

    internal static Judge OpenEnvelope(Vector vector)
    {
        var limit = vector.Fields.GetProperty("maxSize").GetInt32();
        if (vector.Text("kind") == "e0")
        {
            var key = SealKey.FromBytes(vector.Bytes("key"));
            var aad = vector.Bytes("externalAad");
            return message => Answer.Of(Encrypt0Opener.Open(key, aad, message, limit));
        }

        var recipient = HpkePrivateKey.FromScalar(vector.Bytes("privateKey"));
        var info = vector.Bytes("extraInfo");
        return message => Answer.Of(HpkeOpener.Open(message, info, recipient, limit));
    }

    internal static Judge OpenProgram(Vector vector, string field)
    {
        var (head, image) = (vector.Bytes("head"), vector.Bytes("image"));
        var chip = ChipId.Parse(vector.Bytes("chip")).OrThrow();
        var kem = HpkePrivateKey.FromScalar(vector.Bytes("kem-key"));
        return bytes =>
        {
            if (ProgramOpener.OpenHead(field == "head" ? bytes : head, chip, kem).Refused(out var opened, out var why))
            {
                return why;
            }

            using (opened)
            {
                return OpenImage(opened, field == "image" ? bytes : image);
            }
        };
    }

    private static Answer OpenImage(ProgramHead head, byte[] image)
    {
        if (ImageOpener.JudgeSize(head, image.Length) is { } size)
        {
            return size;
        }

        if (ImageOpener.Begin(head, image.AsSpan(0, BodyShape.HeaderSize)).Refused(out var opener, out var why))
        {
            return why;
        }

        using (opener)
        {
            var clear = new byte[BodyShape.ChunkSize];
            foreach (var chunk in image[BodyShape.HeaderSize..].Chunk(BodyShape.SealedChunkSize))
            {
                if (opener.OpenChunk(chunk, clear).Refused(out _, out why))
                {
                    return why;
                }
            }

            return opener.Finish();
        }
    }

    internal static Judge JudgeChain(Vector vector, string field)
    {
        var oem = new Digest(vector.Bytes("oem"));
        byte[] Of(string name, byte[] changed) => name == field ? changed : vector.Bytes(name);
        return bytes =>
            CertificateChain.Judge(oem, Of("order-key", bytes), Of("issuer", bytes)).Refused(out var chain, out var why)
            || Message.Parse<Certificate>(Of("certificate", bytes)).Refused(out var certificate, out why)
            || chain.Verify(certificate).Refused(out _, out why)
                ? why
                : Answer.Accepted;
    }

    internal static Judge VerifyLeaves(Vector vector)
    {
        var (list, key) = (vector.Bytes("message"), PublicKey.Parse(vector.Bytes("key")).OrThrow());
        return leaves => Answer.Of(
            ListedChips.Verify(list, leaves, key), chips => [.. chips.Leaves.SelectMany(leaf => leaf.ToArray())]);
    }

    internal static Judge VerifyList(Vector vector, string field)
    {
        if (field == "leaves")
        {
            return VerifyLeaves(vector);
        }

        var (leaves, key) = (vector.Bytes("leaves"), PublicKey.Parse(vector.Bytes("key")).OrThrow());
        return list => Answer.Of(ListedChips.Verify(list, leaves, key));
    }

    internal static Judge OpenBackup(Vector vector)
    {
        var root = SealKey.FromBytes(vector.Bytes("root"));
        var chip = ChipId.Parse(vector.Bytes("chip")).OrThrow();
        var identity = new Digest(vector.Bytes("identity"));
        return message =>
            SealedBackup.Parse(message).Refused(out var backup, out var why)
            || BackupOpener.Open(root, chip, identity, backup).Refused(out _, out why)
                ? why
                : new Answer(null, backup.Write);
    }

    internal static Judge OpenCheckpoint(Vector vector)
    {
        var key = LogKey.Parse(vector.Text("verifierKey")).OrThrow();
        return note => Answer.Of(Checkpoint.Open(note, key), it => Again(it, note));
    }

    internal static Judge OpenBody(Vector vector)
    {
        using var device = DeviceKey.FromBytes(vector.Bytes("deviceKey"));
        var grant = Message.Parse<Grant>(vector.Bytes("grant")).OrThrow().Claimed;
        var index = vector.Fields.GetProperty("index").GetInt32();
        using var root = BodyRoot.Of(device, grant.SiteRandom.Span);
        var key = root.Key(grant.Claim, grant.Manifest, index);
        var context = BodyRoot.Context(grant.Manifest, index);
        return body =>
        {
            using var program = new MemoryStream(body.Length);
            return Answer.Of(BodyOpener.Open(key.Expose(), context, new MemoryStream(body), program));
        };
    }

    internal static Judge OpenDump(Vector vector)
    {
        var chip = new DumpingChip(
            ChipId.Parse(vector.Bytes("chip")).OrThrow(),
            PublicKey.Parse(vector.Bytes("identity")).OrThrow(),
            DeviceId.Parse(vector.Text("device")).OrThrow());
        HpkePrivateKey[] keys =
        [
            .. vector.Fields.GetProperty("keys").EnumerateArray()
                .Select(key => HpkePrivateKey.FromScalar(Convert.FromHexString(key.GetString()!))),
        ];
        return DumpOpenedBy(chip, keys);
    }

    internal static Judge DumpOpenedBy(DumpingChip chip, IReadOnlyList<HpkePrivateKey> keys) =>
        dump => DumpOpener.Open(new MemoryStream(dump), keys, chip, (_, _) => new MemoryStream())
            .Refused(out var opened, out var why)
                ? why
                : new Answer(null, null, opened.Signed is null ? "unfinished" : null);

    internal static Judge ImportKeyBlock(Vector vector)
    {
        using var transport = new TransportKey(vector.Bytes("transportKey"));
        var serial = new SerialNumber(vector.Bytes("serial"));
        var unit = Diversification.KeyOf(transport, serial, vector.Bytes("applicationId"));
        var asked = vector.Fields.GetProperty("challenge");
        var challenge = asked.ValueKind == JsonValueKind.Null
            ? null
            : new OutstandingChallenge(
                new Challenge(Convert.FromHexString(asked.GetProperty("random").GetString()!)),
                asked.GetProperty("ref1").GetUInt32());
        var slot = vector.Fields.GetProperty("slot");
        KeySlot[] slots =
        [
            new(
                slot.GetProperty("ref2").GetUInt32(),
                slot.GetProperty("usage").GetString()!,
                slot.GetProperty("mode").GetString()![0],
                slot.GetProperty("minimumVersion").GetInt32()),
        ];
        return bytes =>
        {
            if (ImportKey.Parse(bytes).Refused(out var command, out var why)
                || DownloadOpener.Open(unit, serial, challenge, slots, command).Refused(out var key, out why))
            {
                return why;
            }

            key.Dispose();
            return new Answer(null, command.Encode);
        };
    }

    internal static Judge CheckAcknowledgement(Vector vector)
    {
        var unit = new UnitKey(vector.Bytes("unitKey"));
        var serial = new SerialNumber(vector.Bytes("serial"));
        var random = new Challenge(vector.Bytes("random"));
        var data = new Digest(vector.Bytes("dataDigest"));
        return message =>
            Acknowledgement.Parse(message).Refused(out var acknowledgement, out var why)
                ? why
                : Answer.Of(acknowledgement.Check(unit, serial, random, data), it => it.Encode());
    }

    // Signatures of witnesses that the reader does not know are not read, so the head alone is compared.
    private static byte[] Again(Checkpoint checkpoint, byte[] note)
    {
        var text = Encoding.UTF8.GetBytes(checkpoint.Text);
        return [.. text, .. note[text.Length..]];
    }
}
