using Keywright.Protocol.Backup;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Diagnostics;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Provisioning;
using Keywright.Fuzz.Mutation;

namespace Keywright.Fuzz.Targets;

/// <summary>
/// The payloads of accepted vectors, signed or tagged anew: signed ones by a key of our own, which takes the place
/// of the vector's.
/// </summary>
internal static class BehindTheProof
{
    private static readonly SigningKey Signer = SigningKey.Generate(new SeededEntropy(5));

    /// <summary>None for a folder whose vectors have no such proof.</summary>
    public static IEnumerable<AcceptedPart> In(string folder) => folder switch
    {
        "certificate" => Signed<Certificate>(folder),
        "chip-list" => Signed<ChipList>(folder, "message", "key", it => InContext.VerifyList(it, "message")),
        "counted-chips" => Signed<CountedChips>(folder),
        "dump" => DumpEnds(),
        "enrolment" => Signed<Enrolment>(folder, "enrolment", "programming-key", InContext.OpenEnrolment),
        "entry" => Signed<Entry>(folder),
        "issuer" => Signed<Issuer>(folder),
        "order" => Signed<Order>(folder),
        "possession" => Signed<Possession>(folder),
        "program" => Signed<ProvisioningProgram>(folder, "message", "key", AcceptedVectors.CheckedProgram),
        "program-file" => Signed<SealedFile>(folder, "file", "programming-key", InContext.OpenFile),
        "receipt" => Signed<Receipt>(folder),
        "claim" => Tagged<Claim>(folder, DeliveryKeys.Claim),
        "done" => Tagged<Done>(folder, DeliveryKeys.Done),
        "grant" => Tagged<Grant>(folder, DeliveryKeys.Grant),
        "refusal" => Tagged<DeliveryRefusal>(folder, DeliveryKeys.Refusal),
        "resume" => Tagged<Resume>(folder, DeliveryKeys.Resume),
        "resumed" => Tagged<Resumed>(folder, DeliveryKeys.Resumed),
        "resync" => Tagged<Resync>(folder, DeliveryKeys.Resync),
        "take" => Takes(),
        _ => [],
    };

    private static IEnumerable<AcceptedPart> Signed<T>(string folder)
        where T : IMessage<T> => Signed<T>(folder, "message", "key", it => AcceptedVectors.Signed<T>(it, "key"));

    private static IEnumerable<AcceptedPart> Signed<T>(
        string folder, string field, string keyField, Func<Vector, Judge> judgeIn)
        where T : IMessage<T> =>
        from vector in Vector.Good(folder)
        let own = vector.With(keyField, Convert.ToHexStringLower(Signer.Public.Bytes))
        select AcceptedPart.Behind(
            own,
            field,
            Envelope.Payload(vector.Bytes(field)),
            payload => Envelope.Sign(T.Type, payload, Signer),
            judgeIn(own));

    /// <summary>Of each folder the vectors that are tagged; they are judged as whole ones are.</summary>
    private static IEnumerable<AcceptedPart> Tagged<T>(string folder, Func<DeviceKey, MacKey> derive)
        where T : IMessage<T>
    {
        foreach (var vector in Vector.Good(folder).Where(it =>
            Message.Parse<T>(it.Bytes("message")).OrThrow().Protection == Protection.Mac))
        {
            var whole = AcceptedVectors.In(folder).First(part => part.Name == vector.Name);
            using var device = DeviceKey.FromBytes(vector.Bytes("deviceKey"));
            var key = derive(device);
            yield return AcceptedPart.Behind(
                vector,
                "message",
                Envelope.Payload(vector.Bytes("message")),
                payload => Envelope.Mac(T.Type, payload, key),
                it => whole.Judge(it));
        }
    }

    private static IEnumerable<AcceptedPart> Takes() =>
        from vector in Vector.Good("take")
        let key = MacKey.FromBytes(vector.Bytes("take-key"))
        select AcceptedPart.Behind(
            vector,
            "take",
            Envelope.Payload(vector.Bytes("take")),
            payload => Envelope.Mac(Take.Type, payload, key),
            AcceptedVectors.Take(vector));

    private static IEnumerable<AcceptedPart> DumpEnds() =>
        from vector in Vector.Good("dump")
        let own = vector.With("identity", Convert.ToHexStringLower(Signer.Public.Bytes))
        let frames = Frames.Split(vector.Bytes("dump"))
        where frames[^1].Kind == DumpFrame.End
        select AcceptedPart.Behind(
            own,
            "dump",
            Envelope.Payload(frames[^1].Content),
            payload => Frames.Join(
                [.. frames.SkipLast(1), (DumpFrame.End, Envelope.Sign(Dump.Type, payload, Signer))]),
            InContext.OpenDump(own));
}
