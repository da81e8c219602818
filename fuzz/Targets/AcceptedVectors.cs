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
using Keywright.Site.Firmware;
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
    public static IEnumerable<AcceptedPart> In(string folder) => folder switch
    {
        "ack" => Each(folder, "message", InContext.CheckAcknowledgement),
        "backup" => Each(folder, "message", InContext.OpenBackup),
        "body" => Each(folder, "body", InContext.OpenBody),
        "certificate" => Each(folder, "message", it => Signed<Certificate>(it, "key")),
        "chain" => Parts(folder, InContext.JudgeChain, "certificate", "issuer", "order-key"),
        "checkpoint" => Vector.Good(folder)
            .Select(it => AcceptedPart.OfText(it, "note", InContext.OpenCheckpoint(it))),
        "chip-list" => Parts(folder, InContext.VerifyList, "message", "leaves"),
        "claim" => Each(folder, "message", AuthenticClaim),
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
        "module" => Each(folder, "message", OwnedModule),
        "order" => Each(folder, "message", it => Signed<Order>(it, "key")),
        "package" => Parts(folder, ChipCommands.Provision, OfPackage),
        "possession" => Each(folder, "message", it => Signed<Possession>(it, "key")),
        "program" => Each(folder, "message", CheckedProgram),
        "program-command" => Parts(folder, InContext.OpenProgram, "head", "image"),
        "program-file" => Each(folder, "file", InContext.OpenFile),
        "receipt" => Each(folder, "message", it => Signed<Receipt>(it, "key")),
        "resume" => Each(folder, "message", EitherResume),
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

    private static IEnumerable<AcceptedPart> Each(string folder, string field, Func<Vector, Judge> judgeIn) =>
        Vector.Good(folder).Select(it => AcceptedPart.Of(it, field, judgeIn(it)));

    private static IEnumerable<AcceptedPart> Parts(
        string folder, Func<Vector, string, Judge> judgeIn, params string[] fields) =>
        from it in Vector.Good(folder)
        from field in fields
        where it.Has(field)
        select AcceptedPart.Of(it, field, judgeIn(it, field));

    internal static Judge Signed<T>(Vector vector, string keyField)
        where T : IMessage<T>
    {
        var key = PublicKey.Parse(vector.Bytes(keyField)).OrThrow();
        return message => Message.Parse<T>(message).Refused(out var parsed, out var why)
            ? why
            : Answer.Of(parsed.VerifySignature(key));
    }

    /// <summary>As the site's archive takes a module: of the owner that was named.</summary>
    private static Judge OwnedModule(Vector vector)
    {
        var owner = PublicKey.Parse(vector.Bytes("owner")).OrThrow();
        return message =>
            Message.Parse<Module>(message).Refused(out var module, out var why) ? why
            : module.Claimed.Owner != owner.Id ? new Refusal(Reason.ForeignModule, "another owner's")
            : Answer.Of(module.VerifySignature(owner));
    }

    internal static Judge CheckedProgram(Vector vector)
    {
        var maker = PublicKey.Parse(vector.Bytes("key")).OrThrow();
        return message => Answer.Of(SignedProgram.Verify(message, maker));
    }

    internal static Judge Tagged<T>(Vector vector, Func<DeviceKey, MacKey> derive)
        where T : IMessage<T>
    {
        using var device = DeviceKey.FromBytes(vector.Bytes("deviceKey"));
        var key = derive(device);
        return message => Message.Parse<T>(message).Refused(out var parsed, out var why)
            ? why
            : Answer.Of(parsed.VerifyMac(key));
    }

    /// <summary>The one key that the claim asks for; the site knows both.</summary>
    private static Judge AuthenticClaim(Vector vector)
    {
        var identity = PublicKey.Parse(vector.Bytes("identity")).OrThrow();
        var key = DeviceKey.FromBytes(vector.Bytes("deviceKey"));
        return message => Message.Parse<Claim>(message).Refused(out var claim, out var why)
            ? why
            : Answer.Of(AuthenticateClaim.Verify(
                claim, claim.Protection == Protection.Signature ? identity : null, key));
    }

    /// <summary>Nobody can have signed where no identity is enrolled.</summary>
    private static Judge EitherResume(Vector vector)
    {
        var tagged = Tagged<Resume>(vector, DeliveryKeys.Resume);
        Judge signed = vector.Fields.TryGetProperty("identity", out _)
            ? Signed<Resume>(vector, "identity")
            : _ => new Refusal(Reason.BadSignature, "no identity is enrolled");
        return message => Message.Parse<Resume>(message).Refused(out var resume, out var why)
            ? why
            : (resume.Protection == Protection.Signature ? signed : tagged)(message);
    }

    internal static Judge Take(Vector vector)
    {
        var key = MacKey.FromBytes(vector.Bytes("take-key"));
        return message => Message.Parse<Take>(message).Refused(out var parsed, out var why)
            ? why
            : Answer.Of(parsed.VerifyMac(key));
    }

    /// <summary>A device that has the vector's claim open; a good Grant stops at the bodies, which are not there.</summary>
    internal static Judge OnDevice(Vector vector, Func<AttackedChip, byte[], Answer> run)
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

    private static IEnumerable<AcceptedPart> Images()
    {
        foreach (var vector in Vector.Good("images"))
        {
            var kind = vector.Text("kind");
            if (kind is "intel-hex" or "s-record")
            {
                ImageFormat format = kind == "s-record" ? SRecord.Format : IntelHex.Format;
                yield return AcceptedPart.OfText(vector, "input", SameImage(vector, format));
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
