using Keywright.Device.Provisioning;
using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Opening;

namespace Keywright.Device.Firmware;

/// <summary>Where a program's bytes come from, chunk by chunk in order.</summary>
internal interface IBodySource
{
    /// <summary>
    /// Fills <paramref name="destination"/> with chunk <paramref name="index"/> of a program of <paramref
    /// name="size"/> bytes.
    /// Refusals: MissingInput, BadSeal.
    /// </summary>
    Refusal? ReadChunk(long index, long size, Span<byte> destination);
}

/// <summary>A program in clear within the input "bodies".</summary>
internal sealed class ClearBody(IChipHost host, long start) : IBodySource
{
    public Refusal? ReadChunk(long index, long size, Span<byte> destination) =>
        new Inputs(host).TryRead("bodies", start + (index * BodyShape.ChunkSize), destination)
            ? null
            : new Refusal(Reason.MissingInput, "the bodies end early");
}

/// <summary>
/// A sealed body within the input "bodies" (docs/spec/delivery.md §7): each chunk authenticates by itself.
/// </summary>
internal sealed class SealedBody(IChipHost host, long start, byte[] context, BodyKey key) : IBodySource
{
    private readonly Inputs inputs = new(host);
    private readonly byte[] piece = new byte[BodyShape.SealedChunkSize];

    public Refusal? ReadChunk(long index, long size, Span<byte> destination)
    {
        var header = piece.AsSpan(0, BodyShape.HeaderSize);
        if (!inputs.TryRead("bodies", start, header))
        {
            return new Refusal(Reason.MissingInput, "the bodies end early");
        }

        if (BodyOpener.Begin(key.Expose(), context, header).Refused(out var opener, out var foreign))
        {
            return foreign;
        }

        using (opener)
        {
            var sealedChunk = piece.AsSpan(0, destination.Length + BodyShape.TagSize);
            return !inputs.TryRead("bodies", start + BodyShape.OffsetOf(index), sealedChunk)
                ? new Refusal(Reason.MissingInput, "the bodies end early")
                : opener.OpenChunk(index, sealedChunk, destination).Refused(out _, out var bad) ? bad : null;
        }
    }
}
