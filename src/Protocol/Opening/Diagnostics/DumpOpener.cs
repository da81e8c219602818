using System.Security.Cryptography;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Diagnostics;
using Keywright.Protocol.Keys;

namespace Keywright.Protocol.Opening.Diagnostics;

/// <summary>Where the plain content of one's own segment goes.</summary>
public delegate Stream SegmentSink(int segment, SegmentHead head);

/// <summary>
/// Opens a dump for one owner, streaming (docs/spec/diagnostics.md §4). What was written to a sink is whole only when
/// <see cref="OpenedDump.Signed"/> is there.
/// </summary>
public sealed class DumpOpener
{
    private readonly DumpFrames frames;
    private readonly IReadOnlyList<HpkePrivateKey> keys;
    private readonly PublicKey identity;
    private readonly SegmentSink sink;
    private readonly List<OpenedSegment> segments = [];

    private DumpOpener(Stream dump, IReadOnlyList<HpkePrivateKey> keys, PublicKey identity, SegmentSink sink)
    {
        frames = new DumpFrames(dump);
        this.keys = keys;
        this.identity = identity;
        this.sink = sink;
    }

    /// <summary>
    /// Opens the segments that are sealed to one of <paramref name="keys"/> (all epochs of one owner) and checks the end with the
    /// chip's identity key. Refusals: Malformed, WrongVersion, TooLarge, WrongAlgorithm, BadSeal, BadSignature, WrongDump, NotTheRecipient.
    /// </summary>
    public static Outcome<OpenedDump> Open(
        Stream dump, IReadOnlyList<HpkePrivateKey> keys, PublicKey identity, SegmentSink sink) =>
        new DumpOpener(dump, keys, identity, sink).Run();

    private Outcome<OpenedDump> Run()
    {
        if (frames.Advance() != DumpFrame.Preamble)
        {
            return new Refusal(Reason.Malformed, "a dump begins with its preamble");
        }

        if (DumpFrame.ReadPreamble(frames.Content()).Refused(out var place, out var malformed))
        {
            return malformed;
        }

        frames.Advance();
        while (frames.Current == DumpFrame.Segment && segments.Count < Dump.MaxSegments)
        {
            if (OpenSegment(place) is { } refusal)
            {
                return refusal;
            }
        }

        if (frames.Current is not (null or DumpFrame.End) || (frames.Broken && !frames.Ended))
        {
            return new Refusal(Reason.Malformed, "a frame that is not one, or not here");
        }

        return Judge(place);
    }

    private Refusal? OpenSegment(DumpPlace place)
    {
        if (DumpFrame.ReadSegment(frames.Content()).Refused(out var head, out var malformed))
        {
            return malformed;
        }

        var index = segments.Count;
        frames.Advance();
        using var body = frames.Body();
        if (ContentKey(place, index, head).Refused(out var key, out var why))
        {
            if (why.Reason != Reason.NotTheRecipient)
            {
                return why;
            }

            body.CopyTo(Stream.Null);
            segments.Add(new OpenedSegment(head, Digest.Of(head.Envelope.Span), body.Hash(), null));
            return null;
        }

        using var destination = sink(index, head);
        var opened = BodyOpener.Open(key, place.BodyContext(index), body, destination);
        CryptographicOperations.ZeroMemory(key);
        var refused = opened.Refused(out var size, out why);
        if (refused && !frames.Ended)
        {
            return why;
        }

        segments.Add(new OpenedSegment(head, Digest.Of(head.Envelope.Span), body.Hash(), refused ? destination.Position : size));
        return null;
    }

    private Outcome<byte[]> ContentKey(DumpPlace place, int index, SegmentHead head)
    {
        Outcome<byte[]> outcome = new Refusal(Reason.NotTheRecipient, $"segment {index} is sealed to somebody else");
        foreach (var key in keys)
        {
            outcome = HpkeOpener.Open(
                head.Envelope.Span, place.KeyContext(index, head.Program), key, HpkeEnvelope.ContentKeySize);
            if (!outcome.Refused(out var opened, out var why))
            {
                return opened.Length == HpkeEnvelope.ContentKeySize
                    ? opened
                    : new Refusal(Reason.Malformed, "a segment key has 32 bytes");
            }

            if (why.Reason != Reason.NotTheRecipient)
            {
                return why;
            }
        }

        return outcome;
    }

    private Outcome<OpenedDump> Judge(DumpPlace place)
    {
        Verified<Dump>? signed = null;
        if (frames.Current == DumpFrame.End)
        {
            if (VerifyEnd(place).Refused(out signed, out var why))
            {
                return why;
            }

            if (frames.Advance() is not null || frames.Broken)
            {
                return new Refusal(Reason.Malformed, "something follows the end of the dump");
            }
        }

        return segments.Exists(segment => segment.Size is not null)
            ? new OpenedDump(place, segments, signed)
            : new Refusal(Reason.NotTheRecipient, "no segment of this dump is sealed to this owner");
    }

    private Outcome<Verified<Dump>> VerifyEnd(DumpPlace place)
    {
        if (Message.Parse<Dump>(frames.Content()).Refused(out var unverified, out var why))
        {
            return why;
        }

        if (unverified.VerifySignature(identity).Refused(out var end, out why))
        {
            return why;
        }

        var stated = end.Content.Segments;
        var same = end.Content.Place == place && stated.Count == segments.Count;
        for (var i = 0; same && i < segments.Count; i++)
        {
            same = segments[i].Is(stated[i]);
        }

        return same ? end : new Refusal(Reason.WrongDump, "the signed end is not that of these segments");
    }
}

/// <summary>A dump as its owner sees it.</summary>
/// <param name="Place">Which dump of which chip.</param>
/// <param name="Segments">What was there, one's own and others'.</param>
/// <param name="Signed">The chip's word that it is whole; null when the end is missing (unfinished-dump).</param>
public sealed record OpenedDump(DumpPlace Place, IReadOnlyList<OpenedSegment> Segments, Verified<Dump>? Signed);

/// <summary>One segment: <paramref name="Size"/> is the plain size in bytes, null when it is sealed to somebody else.</summary>
public sealed record OpenedSegment(SegmentHead Head, Digest Envelope, Digest Body, long? Size)
{
    internal bool Is(DumpSegment stated) =>
        stated.Program.Owner == Head.Owner
        && stated.Program.Hash == Head.Program
        && stated.Sealed.Envelope == Envelope
        && stated.Sealed.Body == Body
        && (Size is null || stated.Sealed.Size == Size);
}
