using Keywright.Protocol.Cose;
using Keywright.Protocol.Diagnostics;
using Keywright.Protocol.Keys;

namespace Keywright.Protocol.Opening.Diagnostics;

/// <summary>
/// The chip whose dump is expected, as its Certificate names it (docs/spec/diagnostics.md §4).
/// </summary>
/// <param name="Id">Its chip ID.</param>
/// <param name="Identity">Verifies what it signs.</param>
/// <param name="Device">Its device identity; null where only the key is known.</param>
public sealed record DumpingChip(ChipId Id, PublicKey Identity, DeviceId? Device = null);

/// <summary>A dump as its owner sees it.</summary>
/// <param name="Place">Which dump of which chip; without a signed end nobody vouches for it.</param>
/// <param name="Segments">What was there, one's own and others'.</param>
/// <param name="Signed">The chip's word that it is whole; null when the end is missing.</param>
public sealed record OpenedDump(
    DumpPlace Place, IReadOnlyList<OpenedSegment> Segments, Verified<Dump>? Signed);

/// <summary>
/// One segment; <paramref name="Size"/> is its plain size, null when it is sealed to others.
/// </summary>
public sealed record OpenedSegment(SegmentHead Head, Digest Envelope, Digest Body, long? Size)
{
    /// <summary>The plain size that the body's length tells, also of one for others; null when it is no body's.</summary>
    internal long? SizeOfBody { get; init; }

    internal bool Is(DumpSegment stated) =>
        stated.Program.Owner == Head.Owner
        && stated.Program.Hash == Head.Program
        && stated.Sealed.Envelope == Envelope
        && stated.Sealed.Body == Body
        && stated.Sealed.Size == SizeOfBody;
}
