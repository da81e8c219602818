using System.Security.Cryptography;
using Keywright.Protocol;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Sealing;

namespace Keywright.Site.Firmware;

/// <summary>
/// The bodies of one Grant, one behind the other in the order of the manifest, sealed chunk by chunk as they
/// are read. The same offsets always give the same bytes. Not safe for concurrent use.
/// </summary>
public sealed class SealedBodies : IDisposable
{
    private readonly ISoftwareArchive archive;
    private readonly List<Body> bodies = [];
    private readonly byte[] plain = GC.AllocateUninitializedArray<byte>(BodyShape.ChunkSize, pinned: true);
    private readonly byte[] piece = new byte[BodyShape.SealedChunkSize];

    internal SealedBodies(ISoftwareArchive archive, Software software, BodyRoot root, Digest claim)
    {
        this.archive = archive;
        Manifest = software.ManifestBytes;
        foreach (var (index, program) in software.Module.Programs.Index())
        {
            using var key = root.Key(claim, software.Manifest, index);
            var sealer = new BodySealer(
                key.Expose(),
                root.Salt(claim, software.Manifest, index),
                BodyRoot.Context(software.Manifest, index));
            var body = new Body(program, sealer, Size, BodyShape.SealedSizeOf(program.Size));
            bodies.Add(body);
            Size += body.Size;
        }
    }

    /// <summary>The Module message.</summary>
    public ReadOnlyMemory<byte> Manifest { get; }

    /// <summary>Bytes of all bodies.</summary>
    public long Size { get; private set; }

    /// <summary>
    /// Fills <paramref name="destination"/> from <paramref name="offset"/> on; gives how many bytes there
    /// were.
    /// </summary>
    public int Read(long offset, Span<byte> destination)
    {
        var done = 0;
        while (done < destination.Length && offset + done < Size)
        {
            done += ReadPiece(offset + done, destination[done..]);
        }

        return done;
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(plain);
        bodies.ForEach(body => body.Sealer.Dispose());
    }

    private int ReadPiece(long offset, Span<byte> destination)
    {
        var body = bodies.Last(each => each.Start <= offset);
        var within = offset - body.Start;
        if (within < BodyShape.HeaderSize)
        {
            body.Sealer.WriteHeader(piece);
            return Copy(piece.AsSpan(0, BodyShape.HeaderSize), (int)within, destination);
        }

        var (index, at) = Math.DivRem(within - BodyShape.HeaderSize, BodyShape.SealedChunkSize);
        var start = index * BodyShape.ChunkSize;
        var chunk = plain.AsSpan(0, (int)Math.Min(BodyShape.ChunkSize, body.Program.Size - start));
        if (archive.Read(body.Program.Hash, start, chunk) != chunk.Length)
        {
            throw new InvalidOperationException($"the archive lacks bytes of {body.Program.Name}");
        }

        return Copy(piece.AsSpan(0, body.Sealer.SealChunk(index, chunk, piece)), (int)at, destination);
    }

    private static int Copy(ReadOnlySpan<byte> source, int start, Span<byte> destination)
    {
        var count = Math.Min(source.Length - start, destination.Length);
        source.Slice(start, count).CopyTo(destination);
        return count;
    }

    private sealed record Body(ModuleProgram Program, BodySealer Sealer, long Start, long Size);
}
