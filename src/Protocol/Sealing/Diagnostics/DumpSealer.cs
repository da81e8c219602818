using System.Security.Cryptography;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Diagnostics;
using Keywright.Protocol.Keys;

namespace Keywright.Protocol.Sealing.Diagnostics;

/// <summary>Takes the next bytes of a dump.</summary>
public delegate void DumpSink(ReadOnlySpan<byte> bytes);

/// <summary>
/// Gives the next bytes of a segment's content, as many as it has at hand; 0 only at its end.
/// </summary>
public delegate int SegmentSource(Span<byte> destination);

/// <summary>
/// Seals a dump while it is being collected (docs/spec/diagnostics.md §2): 16 KiB in memory at a time, key
/// first, signature last. A dump that <see cref="End"/> never closes is unfinished, and says so by itself.
/// </summary>
public sealed class DumpSealer
{
    private readonly DumpPlace place;
    private readonly IEntropy entropy;
    private readonly DumpSink sink;
    private readonly List<DumpSegment> segments = [];
    private bool ended;

    /// <summary>Begins the dump and writes its preamble.</summary>
    public DumpSealer(DumpPlace place, IEntropy entropy, DumpSink sink)
    {
        this.place = place;
        this.entropy = entropy;
        this.sink = sink;
        Write(DumpFrame.Preamble, DumpFrame.WritePreamble(place));
    }

    /// <summary>
    /// Seals one segment to the diagnostics keys of its program; gives its plain size in bytes.
    /// </summary>
    public long Add(
        DumpedProgram program, DumpKind kind, IReadOnlyList<HpkePublicKey> recipients, SegmentSource source)
    {
        ObjectDisposedException.ThrowIf(ended, this);
        ArgumentOutOfRangeException.ThrowIfEqual(segments.Count, Dump.MaxSegments);
        Span<byte> key = stackalloc byte[BodyShape.KeySize];
        Span<byte> salt = stackalloc byte[BodyShape.SaltSize];
        entropy.Fill(key);
        entropy.Fill(salt);
        var context = place.KeyContext(segments.Count, program.Hash);
        var envelope = HpkeSealer.Seal(key, context, recipients, entropy);
        var head = new SegmentHead(program.Owner, program.Hash, envelope);
        Write(DumpFrame.Segment, DumpFrame.WriteSegment(head));

        using var sealer = new BodySealer(key, salt, place.BodyContext(segments.Count));
        CryptographicOperations.ZeroMemory(key);
        var (body, size) = SealBody(sealer, source);
        var stated = new SealedSegment(Digest.Of(envelope), body, size);
        segments.Add(new DumpSegment(program, kind, null, 0, stated));
        return size;
    }

    /// <summary>Signs what has been sealed, one segment at least: the dump is whole. Gives H(end).</summary>
    public Digest End(DeviceId device, DumpTrigger trigger, ulong? timeSeconds, SigningKey identity)
    {
        ObjectDisposedException.ThrowIf(ended, this);
        ArgumentOutOfRangeException.ThrowIfZero(segments.Count);
        ended = true;
        var end = new Dump
        {
            Place = place,
            Device = device,
            Trigger = trigger,
            TimeSeconds = timeSeconds,
            Segments = segments,
        };
        var signed = Message.Sign(end, identity);
        Write(DumpFrame.End, signed.Bytes.Span);
        return signed.Digest;
    }

    private (Digest Hash, long Size) SealBody(BodySealer sealer, SegmentSource source)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var plain = GC.AllocateUninitializedArray<byte>(BodyShape.ChunkSize, pinned: true);
        var output = new byte[BodyShape.SealedChunkSize];
        var total = 0L;
        sealer.WriteHeader(output);
        Pass(output.AsSpan(0, BodyShape.HeaderSize));
        try
        {
            var size = plain.Length;
            for (var index = 0L; size == plain.Length; index++)
            {
                size = Fill(plain, source);
                total += size;
                Pass(output.AsSpan(0, sealer.SealChunk(index, plain.AsSpan(0, size), output)));
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }

        return (new Digest(hash.GetHashAndReset()), total);

        void Pass(ReadOnlySpan<byte> bytes)
        {
            hash.AppendData(bytes);
            Write(DumpFrame.Body, bytes);
        }
    }

    // A pipe gives what it has: only 0 is the end.
    private static int Fill(Span<byte> chunk, SegmentSource source)
    {
        var size = 0;
        while (size < chunk.Length && source(chunk[size..]) is > 0 and var got)
        {
            size += got;
        }

        return size;
    }

    private void Write(byte kind, ReadOnlySpan<byte> content)
    {
        sink(DumpFrame.Head(kind, content.Length));
        sink(content);
    }
}
