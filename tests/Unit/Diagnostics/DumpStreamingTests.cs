using System.Buffers.Binary;
using System.IO.Pipes;
using Keywright.Protocol;
using Keywright.Protocol.Diagnostics;
using Keywright.Protocol.Opening.Diagnostics;
using Keywright.Protocol.Sealing.Diagnostics;

namespace Keywright.UnitTests.Diagnostics;

public sealed class DumpStreamingTests
{
    private const long Size = 256L << 20;
    private const long MaxAllocated = 16L << 20;

    /// <summary>
    /// Sealer and opener on the two ends of a pipe: what each ever allocates is far below what passes
    /// through it.
    /// </summary>
    [Fact]
    [Trait("Req", "D08")]
    public async Task A_quarter_of_a_gibibyte_passes_through_sealer_and_opener_in_bounded_memory()
    {
        await using var relay = new AnonymousPipeServerStream(PipeDirection.Out);
        await using var arrival = new AnonymousPipeClientStream(PipeDirection.In, relay.ClientSafePipeHandle);
        var opening = Task.Run(() => Allocating(() => OpenFrom(arrival)));
        var (_, sealing) = Allocating(() => SealTo(relay));
        var ((dump, arrived), opened) = await opening;
        Assert.Equal(Size, dump.OrThrow().Signed!.Content.Segments[0].Sealed.Size);
        Assert.Equal(Size, arrived);
        Assert.InRange(sealing, 1, MaxAllocated);
        Assert.InRange(opened, 1, MaxAllocated);
    }

    private static long SealTo(AnonymousPipeServerStream relay)
    {
        var offset = 0L;
        var sealer = new DumpSealer(Sample.Place, new SeededEntropy(1), relay.Write);
        var size = sealer.Add(
            Sample.Program("meter"), DumpKind.ElfCore, [Sample.OwnerA.Public], destination =>
            {
                var count = (int)Math.Min(Size - offset, destination.Length);
                if (count > 0)
                {
                    BinaryPrimitives.WriteInt64LittleEndian(destination, offset);
                    offset += count;
                }

                return count;
            });
        sealer.End(Sample.Device, DumpTrigger.Crash, null, Sample.Identity);
        relay.Dispose();
        return size;
    }

    private static (Outcome<OpenedDump> Dump, long Arrived) OpenFrom(Stream arrival)
    {
        var content = new OffsetsAtChunks();
        return (DumpOpener.Open(arrival, [Sample.OwnerA], Sample.Chip, (_, _) => content), content.Arrived);
    }

    private static (T Result, long Bytes) Allocating<T>(Func<T> act)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var result = act();
        return (result, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    /// <summary>Sees that each chunk begins with its own offset, and keeps nothing.</summary>
    private sealed class OffsetsAtChunks : MemoryStream
    {
        public long Arrived { get; private set; }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (!buffer.IsEmpty)
            {
                Assert.Equal(Arrived, BinaryPrimitives.ReadInt64LittleEndian(buffer));
            }

            Arrived += buffer.Length;
        }
    }
}
