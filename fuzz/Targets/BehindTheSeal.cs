using Keywright.Protocol;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.KeyDownload;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Opening;
using Keywright.Protocol.Sealing;

namespace Keywright.Fuzz.Targets;

/// <summary>
/// What accepted vectors have sealed, sealed anew under their own keys, and signed by a key of our own where a
/// signature is around it.
/// </summary>
internal static class BehindTheSeal
{
    private const int LargestContent = 1 << 16;

    private static readonly SigningKey Signer = SigningKey.Generate(new SeededEntropy(6));

    /// <summary>None for a folder whose vectors have no such content.</summary>
    public static IEnumerable<AcceptedPart> In(string folder) => folder switch
    {
        "enrolment" => Vector.Good(folder).Select(Secrets),
        "key-block" => Vector.Good(folder).Select(Header),
        "program-command" => Vector.Good(folder).Select(Head),
        "program-file" => Vector.Good(folder).Select(Program),
        _ => [],
    };

    private static AcceptedPart Secrets(Vector vector)
    {
        var own = Signed(vector);
        var enrolment = Message.Parse<Enrolment>(vector.Bytes("enrolment")).OrThrow().Claimed;
        var station = HpkePrivateKey.FromScalar(vector.Bytes("station-key"));
        byte[] info = CborItem.Array("enrolment", enrolment.Station, enrolment.Turn);
        return AcceptedPart.Behind(
            own,
            "enrolment",
            Opened(enrolment.Sealed, info, station),
            content => Message.Sign(enrolment with { Sealed = Sealed(content, info, station) }, Signer)
                .Bytes.ToArray(),
            InContext.OpenEnrolment(own));
    }

    private static AcceptedPart Program(Vector vector)
    {
        var own = Signed(vector);
        var file = Message.Parse<SealedFile>(vector.Bytes("file")).OrThrow().Claimed;
        var fresh = HpkePrivateKey.FromScalar(vector.Bytes("fresh-key"));
        byte[] info = CborItem.Array("program-file", file.Take);
        return AcceptedPart.Behind(
            own,
            "file",
            Opened(file.Sealed, info, fresh),
            content => Message.Sign(file with { Sealed = Sealed(content, info, fresh) }, Signer).Bytes.ToArray(),
            InContext.OpenFile(own));
    }

    private static AcceptedPart Head(Vector vector)
    {
        var kem = HpkePrivateKey.FromScalar(vector.Bytes("kem-key"));
        byte[] info = CborItem.Array("program", ChipId.Parse(vector.Bytes("chip")).OrThrow());
        return AcceptedPart.Behind(
            vector,
            "head",
            Opened(vector.Bytes("head"), info, kem),
            content => Sealed(content, info, kem),
            InContext.OpenProgram(vector, "head"));
    }

    private static AcceptedPart Header(Vector vector)
    {
        var command = ImportKey.Parse(vector.Bytes("importKey")).OrThrow();
        var asked = vector.Fields.GetProperty("challenge");
        var random = new Challenge(Convert.FromHexString(asked.GetProperty("random").GetString()!));
        var download = new Download(
            random, asked.GetProperty("ref1").GetUInt32(), command.Ref2, new SerialNumber(vector.Bytes("serial")));
        using var unit = new UnitKey(vector.Bytes("unitKey"));
        using var operation = download.KeyOf(unit);
        var protection = operation.Expose().ToArray();
        var header = command.Data.Span[..^Resealed.KeyBlockTailSize].ToArray();
        return AcceptedPart.Behind(
            vector,
            "importKey",
            header,
            changed => new ImportKey(Resealed.KeyBlock(protection, changed), command.Ref2).Encode(),
            InContext.ImportKeyBlock(vector));
    }

    private static Vector Signed(Vector vector) =>
        vector.With("programming-key", Convert.ToHexStringLower(Signer.Public.Bytes));

    private static byte[] Opened(ReadOnlyMemory<byte> message, byte[] info, HpkePrivateKey key) =>
        HpkeOpener.Open(message.Span, info, key, LargestContent).OrThrow();

    private static byte[] Sealed(byte[] content, byte[] info, HpkePrivateKey key) =>
        HpkeSealer.Seal(content, info, [key.Public], new SeededEntropy(7));
}
