using System.Security.Cryptography;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Diagnostics;
using Keywright.Protocol.Keys;

namespace Keywright.Protocol.Opening.Diagnostics;

/// <summary>Where the plain content of one's own segment goes; whoever gave the stream closes it.</summary>
public delegate Stream SegmentSink(int segment, SegmentHead head);

/// <summary>
/// Opens a dump for one owner, streaming (docs/spec/diagnostics.md §4). What was written to a sink is
/// whole, and the chip's, only when <see cref="OpenedDump.Signed"/> is there.
/// </summary>
public sealed class DumpOpener
{
    private readonly DumpFrames frames;
    private readonly IReadOnlyList<HpkePrivateKey> keys;
    private readonly DumpingChip chip;
    private readonly SegmentSink sink;
    private readonly List<OpenedSegment> segments = [];

    private DumpOpener(Stream dump, IReadOnlyList<HpkePrivateKey> keys, DumpingChip chip, SegmentSink sink)
    {
        frames = new DumpFrames(dump);
        this.keys = keys;
        this.chip = chip;
        this.sink = sink;
    }

    /// <summary>
    /// Opens the segments that are sealed to one of <paramref name="keys"/> (all epochs of one owner) and
    /// checks that the dump is <paramref name="chip"/>'s. Refusals: Malformed, WrongVersion, WrongChip,
    /// TooLarge, WrongAlgorithm, BadSeal, WrongType, BadSignature, WrongDump, WrongIdentity,
    /// NotTheRecipient, UnfinishedDump (nothing of one's own before it breaks off).
    /// </summary>
    public static Outcome<OpenedDump> Open(
        Stream dump, IReadOnlyList<HpkePrivateKey> keys, DumpingChip chip, SegmentSink sink)
    {
        ArgumentOutOfRangeException.ThrowIfZero(keys.Count);
        return new DumpOpener(dump, keys, chip, sink).Run();
    }

    private Outcome<OpenedDump> Run()
    {
        if (frames.Advance() is null)
        {
            return frames.Fault ?? new Refusal(Reason.Malformed, "a dump begins with its preamble");
        }

        if (DumpFrame.ReadPreamble(frames.Content()).Refused(out var place, out var malformed))
        {
            return malformed;
        }

        if (place.Chip != chip.Id)
        {
            return new Refusal(Reason.WrongChip, $"a dump of chip {place.Chip}, not of {chip.Id}");
        }

        frames.Advance();
        while (frames.Current == DumpFrame.Segment)
        {
            if (OpenSegment(place) is { } refusal)
            {
                return refusal;
            }
        }

        return frames.Fault is { } fault ? fault : Judge(place);
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
        long? size = null;
        if (!ContentKey(place, index, head).Refused(out var key, out var why))
        {
            var destination = sink(index, head);
            var bad = SegmentBody.Open(key, place.BodyContext(index), body, destination, out var opened);
            CryptographicOperations.ZeroMemory(key);
            if (bad is not null && !frames.Ended)
            {
                return frames.Fault ?? bad;
            }

            size = opened;
        }
        else if (why.Reason == Reason.NotTheRecipient)
        {
            body.CopyTo(Stream.Null);
        }
        else
        {
            return why;
        }

        segments.Add(new OpenedSegment(head, Digest.Of(head.Envelope.Span), body.Hash(), size)
        {
            SizeOfBody = BodyShape.PlainSizeOf(body.Count).Refused(out var plain, out _) ? null : plain,
        });
        return frames.Fault;
    }

    private Outcome<byte[]> ContentKey(DumpPlace place, int index, SegmentHead head)
    {
        Outcome<byte[]> outcome = new Refusal(Reason.NotTheRecipient, "sealed to somebody else");
        var context = place.KeyContext(index, head.Program);
        foreach (var key in keys)
        {
            outcome = HpkeOpener.Open(head.Envelope.Span, context, key, HpkeEnvelope.ContentKeySize);
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

            frames.Advance();
            if (frames.Fault is { } more)
            {
                return more;
            }
        }

        if (segments.Exists(segment => segment.Size is not null))
        {
            return new OpenedDump(place, segments, signed);
        }

        return signed is null
            ? new Refusal(Reason.UnfinishedDump, "it breaks off before anything that is sealed to this owner")
            : new Refusal(Reason.NotTheRecipient, "no segment of this dump is sealed to this owner");
    }

    private Outcome<Verified<Dump>> VerifyEnd(DumpPlace place)
    {
        if (Message.Parse<Dump>(frames.Content()).Refused(out var unverified, out var why))
        {
            return why;
        }

        if (unverified.VerifySignature(chip.Identity).Refused(out var end, out why))
        {
            return why;
        }

        var stated = end.Content.Segments;
        var same = end.Content.Place == place && stated.Count == segments.Count;
        for (var i = 0; same && i < segments.Count; i++)
        {
            same = segments[i].Is(stated[i]);
        }

        if (!same)
        {
            return new Refusal(Reason.WrongDump, "the signed end is not that of these segments");
        }

        return chip.Device is { } device && end.Content.Device != device
            ? new Refusal(Reason.WrongIdentity, $"it says {end.Content.Device}, the certificate {device}")
            : end;
    }
}
