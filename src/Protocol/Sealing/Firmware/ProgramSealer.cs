using System.Security.Cryptography;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Keys;

namespace Keywright.Protocol.Sealing.Firmware;

/// <summary>The station's side of the chip's command "program" (docs/spec/programming.md §9).</summary>
public static class ProgramSealer
{
    /// <summary>
    /// Seals a File's content to the chip that it is for: the head to its kem key, the image under a key that
    /// only who opens the head can derive. Each call seals afresh; to the chip it is the same call.
    /// </summary>
    public static SealedProgram Seal(
        ProgramContent content, ChipId chip, HpkePublicKey chipKey, IEntropy entropy)
    {
        using var head = ProgramCommand.Encode(content);
        var digest = Digest.Of(head.Expose());
        using var key = ProgramCommand.ImageKey(content.Key, digest);
        Span<byte> salt = stackalloc byte[BodyShape.SaltSize];
        entropy.Fill(salt);
        using var image = new BodySealer(key.Expose(), salt, ProgramCommand.ImageContext(digest));
        return new SealedProgram(
            HpkeSealer.Seal(head.Expose(), ProgramCommand.Binding(chip), [chipKey], entropy),
            Seal(image, content.Image.Expose()),
            ProgramCommand.ConfirmationOf(content.Key, chip, digest));
    }

    private static byte[] Seal(BodySealer sealer, ReadOnlySpan<byte> image)
    {
        var body = new byte[BodyShape.SealedSizeOf(image.Length)];
        sealer.WriteHeader(body);
        for (var index = 0; index < BodyShape.ChunksOf(image.Length); index++)
        {
            var rest = image[(index * BodyShape.ChunkSize)..];
            var chunk = rest[..Math.Min(rest.Length, BodyShape.ChunkSize)];
            sealer.SealChunk(index, chunk, body.AsSpan((int)BodyShape.OffsetOf(index)));
        }

        return body;
    }
}

/// <summary>The inputs of "program", and what it answers.</summary>
/// <param name="Head">EN to the chip's kem key.</param>
/// <param name="Image">The body of the program file.</param>
/// <param name="Confirmation">What the chip answers once it is programmed, 32 bytes.</param>
public sealed record SealedProgram(byte[] Head, byte[] Image, byte[] Confirmation)
{
    /// <summary>Compares an answer with the confirmation, in constant time. Refusal: BadMac.</summary>
    public Refusal? Judge(ReadOnlySpan<byte> answer) =>
        CryptographicOperations.FixedTimeEquals(answer, Confirmation)
            ? null
            : new Refusal(Reason.BadMac, "what is in the socket did not confirm that it was programmed");
}
