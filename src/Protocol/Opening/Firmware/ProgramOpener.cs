using System.Security.Cryptography;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Keys;

namespace Keywright.Protocol.Opening.Firmware;

/// <summary>The chip's side of its command "program" (docs/spec/programming.md §9).</summary>
public static class ProgramOpener
{
    /// <summary>
    /// Opens and reads a head; the caller disposes it. Refusals: TooLarge, Malformed, WrongAlgorithm,
    /// NotTheRecipient, BadSeal; then of the content Malformed, TooLarge, WrongVersion.
    /// </summary>
    public static Outcome<ProgramHead> OpenHead(ReadOnlySpan<byte> head, ChipId chip, HpkePrivateKey kem)
    {
        if (head.Length > ProgramCommand.MaxSealedHeadBytes)
        {
            return new Refusal(Reason.TooLarge, $"a head of {head.Length} bytes");
        }

        if (HpkeOpener.Open(head, ProgramCommand.Binding(chip), kem, ProgramCommand.MaxHeadBytes)
            .Refused(out var opened, out var why))
        {
            return why;
        }

        try
        {
            return ProgramCommand.Decode(opened);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(opened);
        }
    }
}

/// <summary>
/// Opens the image of a "program" command, one chunk after the other, and judges the whole at the end. What
/// it gave before is not to be used until <see cref="Finish"/> is content. Every refusal is BodyMismatch.
/// </summary>
public sealed class ImageOpener : IDisposable
{
    private readonly ProgramHead head;
    private readonly BodyOpener body;
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long next;

    private ImageOpener(ProgramHead head, BodyOpener body)
    {
        this.head = head;
        this.body = body;
    }

    /// <summary>Judges the size of the input "image": it is that of the body of what is announced.</summary>
    public static Refusal? JudgeSize(ProgramHead head, long sealedSize) =>
        sealedSize == BodyShape.SealedSizeOf(head.ImageSize)
            ? null
            : new Refusal(
                Reason.BodyMismatch, $"{sealedSize} bytes, where an image of {head.ImageSize} is announced");

    /// <summary>Begins with the body's first <see cref="BodyShape.HeaderSize"/> bytes.</summary>
    public static Outcome<ImageOpener> Begin(ProgramHead head, ReadOnlySpan<byte> header)
    {
        using var key = ProgramCommand.ImageKey(head.Key, head.Digest);
        return BodyOpener.Begin(key.Expose(), ProgramCommand.ImageContext(head.Digest), header)
            .Refused(out var body, out var why)
            ? Mismatch(why)
            : new ImageOpener(head, body);
    }

    /// <summary>Opens the next chunk and gives its plain size.</summary>
    public Outcome<int> OpenChunk(ReadOnlySpan<byte> sealedChunk, Span<byte> destination)
    {
        if (body.OpenChunk(next, sealedChunk, destination).Refused(out var size, out var why))
        {
            return Mismatch(why);
        }

        next++;
        hash.AppendData(destination[..size]);
        return size;
    }

    /// <summary>Null when all chunks together are the image that the head announces.</summary>
    public Refusal? Finish() => new Digest(hash.GetHashAndReset()) == head.ImageHash
        ? null
        : new Refusal(Reason.BodyMismatch, "the image is not the one that is announced");

    public void Dispose()
    {
        body.Dispose();
        hash.Dispose();
    }

    private static Refusal Mismatch(Refusal why) => new(Reason.BodyMismatch, why.Detail);
}
