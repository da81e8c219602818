using Keywright.Protocol;
using Keywright.Protocol.Backup;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Diagnostics;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Keys;
using Keywright.Fuzz.Mutation;
using Keywright.Protocol.Provisioning;

namespace Keywright.Fuzz.Targets;

/// <summary>
/// Every message that is read by <see cref="Message.Parse{T}"/> and its proof: whole, and its payload under a
/// proof that is made anew.
/// </summary>
internal static class SignedMessages
{
    private static readonly SigningKey Signer = SigningKey.Generate(new SeededEntropy(1));
    private static readonly MacKey MacKey = MacKey.FromBytes(Digest.Of("mac"u8).ToArray());

    private static readonly Reason[] OfForm =
        [Reason.Malformed, Reason.TooLarge, Reason.WrongVersion, Reason.WrongType, Reason.WrongAlgorithm];

    public static IEnumerable<Target> Targets =>
    [
        .. Signed<Order>("order"),
        .. Signed<Receipt>("receipt", Reason.UnknownKey),
        .. Signed<ChipList>("chip-list"),
        .. Signed<CountedChips>("counted-chips", Reason.UnknownKey),
        .. Signed<ProvisioningProgram>("program").Select(it => it with { BytesPerByte = 64 }),
        Checked(),
        .. Signed<Module>("module", Reason.UnknownKey),
        .. Signed<Enrolment>("enrolment", "enrolment"),
        .. Signed<SealedFile>("program-file", "file", Reason.UnknownKey),
        .. Signed<Issuer>("issuer", Reason.UnknownKey, Reason.WrongAlgorithm),
        .. Signed<Possession>("possession", Reason.UnknownKey),
        .. Signed<Certificate>("certificate", Reason.UnknownKey),
        .. Signed<Entry>("entry", Reason.UnknownKey, Reason.WrongType, Reason.WrongAlgorithm),
        .. Signed<Dump>("dump-end", DumpEnds()),
        .. Signed<Claim>("claim", "message"),
        .. Tagged<Claim>("claim", "message"),
        .. Tagged<Take>("take", "take", Reason.UnknownKey),
        .. Tagged<Grant>("grant", "message"),
        .. Tagged<DeliveryRefusal>("refusal", "message"),
        .. Tagged<Done>("done", "message"),
        .. Signed<Resume>("resume", "message"),
        .. Tagged<Resume>("resume", "message"),
        .. Tagged<Resumed>("resumed", "message"),
        .. Tagged<Resync>("resync", "message"),
    ];

    /// <summary>Programs as a chip takes them: also what they would do is judged.</summary>
    private static Target Checked() => new(
        "program/checked",
        [
            .. Vector.All("program")
                .Where(it => !Message.Parse<ProvisioningProgram>(it.Bytes("message")).Refused(out _, out _))
                .Select(it => new Seed(
                    it.Name,
                    Envelope.Payload(it.Bytes("message")),
                    message => Answer.Of(
                        SignedProgram.Verify(message, Signer.Public), it => Envelope.Again(message, it.Content)),
                    payload => Envelope.Sign(ProvisioningProgram.Type, payload, Signer))),
        ],
        [.. OfPayload, Reason.UnconfinedProgram])
    { BytesPerByte = 64 };

    private static IEnumerable<Target> Signed<T>(string folder, params Reason[] more)
        where T : IMessage<T> => Signed<T>(folder, "message", more);

    private static IEnumerable<Target> Signed<T>(string folder, string field, params Reason[] more)
        where T : IMessage<T> =>
        Signed<T>(folder, [.. Vector.All(folder).Select(it => (it.Name, it.Bytes(field)))], more);

    private static IEnumerable<Target> Signed<T>(
        string name, IReadOnlyList<(string Name, byte[] Message)> messages, params Reason[] more)
        where T : IMessage<T>
    {
        var payloads = PayloadsOf<T>(messages);
        Judge judge = message => Verify<T>(message, it => it.VerifySignature(Signer.Public));
        var whole = messages.Select(it => new Seed(it.Name, it.Message, judge)).Concat(payloads.Select(
            it => new Seed($"own-{it.Name}", Envelope.Sign(T.Type, it.Payload, Signer), judge)));
        yield return new Target($"{name}", [.. whole], [.. OfForm, .. more, Reason.BadSignature]);
        yield return new Target(
            $"{name}/payload",
            [
                .. payloads.Select(it => new Seed(
                    it.Name, it.Payload, judge, payload => Envelope.Sign(T.Type, payload, Signer))),
            ],
            [.. OfPayload, .. more]);
    }

    private static IEnumerable<Target> Tagged<T>(string folder, string field, params Reason[] more)
        where T : IMessage<T>
    {
        var messages = Vector.All(folder).Select(it => (it.Name, Message: it.Bytes(field))).ToList();
        var payloads = PayloadsOf<T>(messages);
        Judge judge = message => Verify<T>(message, it => it.VerifyMac(MacKey));
        var whole = messages.Select(it => new Seed(it.Name, it.Message, judge)).Concat(payloads.Select(
            it => new Seed($"own-{it.Name}", Envelope.Mac(T.Type, it.Payload, MacKey), judge)));
        yield return new Target($"{folder}-mac", [.. whole], [.. OfForm, .. more, Reason.BadMac]);
        yield return new Target(
            $"{folder}-mac/payload",
            [
                .. payloads.Select(it => new Seed(
                    it.Name, it.Payload, judge, payload => Envelope.Mac(T.Type, payload, MacKey))),
            ],
            [.. OfPayload, .. more]);
    }

    // An algorithm or a type inside a payload belongs to the few messages that nest others.
    private static Reason[] OfPayload => [Reason.Malformed, Reason.TooLarge, Reason.WrongVersion];

    /// <summary>The payloads that can be read, without repetition.</summary>
    private static List<(string Name, byte[] Payload)> PayloadsOf<T>(
        IEnumerable<(string Name, byte[] Message)> messages)
        where T : IMessage<T> =>
    [
        .. messages
            .Where(it => !Message.Parse<T>(it.Message).Refused(out _, out _))
            .Select(it => (it.Name, Payload: Envelope.Payload(it.Message)))
            .DistinctBy(it => Digest.Of(it.Payload)),
    ];

    private static Answer Verify<T>(byte[] message, Func<Unverified<T>, Outcome<Verified<T>>> verify)
        where T : IMessage<T> =>
        Message.Parse<T>(message).Refused(out var parsed, out var why)
            ? why
            : Answer.Of(verify(parsed), verified => Envelope.Again(message, verified.Content));

    private static List<(string Name, byte[] Message)> DumpEnds() =>
    [
        .. Vector.Good("dump").Select(it => (it.Name, Frames.Split(it.Bytes("dump"))[^1].Content)),
    ];
}
