using System.Text;
using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Device.Firmware;
using Keywright.Protocol;
using Keywright.Protocol.Backup;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Images;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Provisioning;
using DeliveryKeys = Keywright.Protocol.Firmware.DeliveryKeys;

namespace Keywright.Fuzz.Targets;

/// <summary>
/// The accepted vectors of a folder, each with the judge that has at hand what the vector says, and one for each
/// of its parts where there are several.
/// </summary>
public static class AcceptedVectors
{
    private static readonly string[] OfPackage = ["package", "unlock", "order", "orderKey"];

    /// <summary>None for a folder whose vectors are no messages.</summary>
    public static IEnumerable<Seed> In(string folder) => folder switch
    {
        "ack" => Each(folder, "message", InContext.CheckAcknowledgement),
        "backup" => Each(folder, "message", InContext.OpenBackup),
        "body" => Each(folder, "body", InContext.OpenBody),
        "certificate" => Each(folder, "message", it => Signed<Certificate>(it, "key")),
        "chain" => Parts(folder, InContext.JudgeChain, "certificate", "issuer", "order-key"),
        "checkpoint" => Vector.Good(folder)
            .Select(it => new Seed(it.Name, Encoding.UTF8.GetBytes(it.Text("note")), InContext.OpenCheckpoint(it))),
        "chip-list" => Parts(folder, InContext.VerifyList, "message", "leaves"),
        "claim" => Each(folder, "message", it => EitherWay<Claim>(it, DeliveryKeys.Claim)),
        "counted-chips" => Each(folder, "message", it => Signed<CountedChips>(it, "key")),
        "done" => Each(folder, "message", it => Tagged<Done>(it, DeliveryKeys.Done)),
        "dump" => Each(folder, "dump", InContext.OpenDump),
        "envelope" => Each(folder, "message", InContext.OpenEnvelope),
        "enrolment" => Each(folder, "enrolment", InContext.OpenEnrolment),
        "entry" => Each(folder, "message", it => Signed<Entry>(it, "key")),
        "grant" => Each(folder, "message", it => OnDevice(it, (chip, grant) => chip.Run(
            "install", new MemoryHost().With("grant", grant).With("module", it.Bytes("manifest"))))),
        "images" => Images(),
        "issuer" => Each(folder, "message", it => Signed<Issuer>(it, "key")),
        "keep" => Parts(folder, ChipCommands.Regenerate, "keepInput", "keepShare"),
        "key-block" => Each(folder, "importKey", InContext.ImportKeyBlock),
        "module" => Each(folder, "message", it => Signed<Module>(it, "owner")),
        "order" => Each(folder, "message", it => Signed<Order>(it, "key")),
        "package" => Parts(folder, ChipCommands.Provision, OfPackage),
        "possession" => Each(folder, "message", it => Signed<Possession>(it, "key")),
        "program" => Each(folder, "message", it => Signed<ProvisioningProgram>(it, "key")),
        "program-command" => Parts(folder, InContext.OpenProgram, "head", "image"),
        "program-file" => Each(folder, "file", InContext.OpenFile),
        "receipt" => Each(folder, "message", it => Signed<Receipt>(it, "key")),
        "resume" => Each(folder, "message", it => EitherWay<Resume>(it, DeliveryKeys.Resume)),
        "resumed" => Each(folder, "message", it => Tagged<Resumed>(it, DeliveryKeys.Resumed)),
        "resync" => Each(folder, "message", it => Tagged<Resync>(it, DeliveryKeys.Resync)),
        "refusal" => Each(folder, "message", it => OnDevice(it, (chip, refusal) => chip.Run(
            "refused", new MemoryHost().With("refusal", refusal)))),
        "take" => Each(folder, "take", Take),
        "unlock" => Parts(folder, ChipCommands.Provision, "unlock"),
        "unlocking" => Parts(
            folder, ChipCommands.Unlock, "package", "keepInput", "keepShare", "list", "leaf"),
        _ => [],
    };

    private static IEnumerable<Seed> Each(string folder, string field, Func<Vector, Judge> judgeIn) =>
        Vector.Good(folder).Select(it => new Seed(it.Name, it.Bytes(field), judgeIn(it)));

    private static IEnumerable<Seed> Parts(
        string folder, Func<Vector, string, Judge> judgeIn, params string[] fields) =>
        from it in Vector.Good(folder)
        from field in fields
        where it.Has(field)
        select new Seed($"{it.Name}/{field}", it.Bytes(field), judgeIn(it, field));

    private static Judge Signed<T>(Vector vector, string keyField)
        where T : IMessage<T>
    {
        var key = PublicKey.Parse(vector.Bytes(keyField)).OrThrow();
        return message => Message.Parse<T>(message).Refused(out var parsed, out var why)
            ? why
            : Answer.Of(parsed.VerifySignature(key));
    }

    private static Judge Tagged<T>(Vector vector, Func<DeviceKey, MacKey> derive)
        where T : IMessage<T>
    {
        using var device = DeviceKey.FromBytes(vector.Bytes("deviceKey"));
        var key = derive(device);
        return message => Message.Parse<T>(message).Refused(out var parsed, out var why)
            ? why
            : Answer.Of(parsed.VerifyMac(key));
    }

    private static Judge EitherWay<T>(Vector vector, Func<DeviceKey, MacKey> derive)
        where T : IMessage<T> =>
        Message.Parse<T>(vector.Bytes("message")).OrThrow().Protection == Protection.Signature
            ? Signed<T>(vector, "identity")
            : Tagged<T>(vector, derive);

    private static Judge Take(Vector vector)
    {
        var key = MacKey.FromBytes(vector.Bytes("take-key"));
        return message => Message.Parse<Take>(message).Refused(out var parsed, out var why)
            ? why
            : Answer.Of(parsed.VerifyMac(key));
    }

    /// <summary>A device that has the vector's claim open; a good Grant stops at the bodies, which are not there.</summary>
    private static Judge OnDevice(Vector vector, Func<AttackedChip, byte[], Answer> run)
    {
        using var key = DeviceKey.FromBytes(vector.Bytes("deviceKey"));
        var anchor = Vector.Good("module").First(it => it.Name == "good").Bytes("owner");
        var chip = ChipWorld.Blank();
        ChipWorld.Change(chip, (state, transaction) =>
        {
            using var draft = state.KeyStore.Draft();
            ChipWorld.Require(draft.Put(DeviceKeys.Handle(1), new KeyAttributes("device", "", 1), key.Expose()));
            ChipWorld.Require(draft.Put(
                new KeyHandle(KeyKind.TrustAnchor, "0"), new KeyAttributes("owner", "", 1), anchor));
            ChipWorld.Require(state.KeyStore.Stage(draft, transaction));
            var device = DeviceId.Parse("LAMP-0001").OrThrow();
            ChipWorld.Require(new Nameplate(device, "lamp", "lamp-2").Stage(transaction));
            ChipWorld.Require(transaction.Put("claim", vector.Bytes("claim")));
            transaction.Then(MonotonicUpdate.IdentifiedAs(device.Hash()));
            transaction.Then(MonotonicUpdate.Reached(Lifecycle.Personalised));
        });
        var attacked = new AttackedChip(chip);
        return message => run(attacked, message) is { Refused.Reason: Reason.MissingInput }
            ? Answer.Accepted
            : run(attacked, message);
    }

    private static IEnumerable<Seed> Images()
    {
        foreach (var vector in Vector.Good("images"))
        {
            var kind = vector.Text("kind");
            if (kind is "intel-hex" or "s-record")
            {
                ImageFormat format = kind == "s-record" ? SRecord.Format : IntelHex.Format;
                yield return new Seed(vector.Name, Encoding.UTF8.GetBytes(vector.Text("input")), SameImage(vector, format));
            }
        }
    }

    /// <summary>Tells apart whether the same image is read, written otherwise, or another one.</summary>
    private static Judge SameImage(Vector vector, ImageFormat format)
    {
        var expected = format.Read(Encoding.UTF8.GetBytes(vector.Text("input"))).OrThrow();
        return file => format.Read(file).Refused(out var image, out var why)
            ? why
            : new Answer(null, null, image.Equals(expected) ? "the same image" : null);
    }
}
