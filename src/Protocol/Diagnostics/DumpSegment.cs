using Keywright.Protocol.Cbor;

namespace Keywright.Protocol.Diagnostics;

/// <summary>What the signed end says of one segment (docs/spec/diagnostics.md §3).</summary>
/// <param name="Program">Whose it is.</param>
/// <param name="Kind">What it holds.</param>
/// <param name="Range">Which memory, where it is a part of memory.</param>
/// <param name="Policy">Retention; 0 as the product says.</param>
/// <param name="Sealed">H(EN), H(body) and the plain size in bytes.</param>
public sealed record DumpSegment(
    DumpedProgram Program, DumpKind Kind, MemoryRange? Range, byte Policy, SealedSegment Sealed)
{
    public static DumpSegment Read(ref CborReader reader)
    {
        reader.Map(11);
        reader.Key(1);
        var owner = reader.Digest();
        reader.Key(2);
        var hash = reader.Digest();
        reader.Key(3);
        var name = ShortText.Read(ref reader);
        reader.Key(4);
        var version = ShortText.Read(ref reader);
        reader.Key(5);
        var build = reader.Bytes(0, DumpedProgram.MaxBuildIdSize).ToArray();
        reader.Key(6);
        var kind = (DumpKind)reader.Positive((uint)DumpKind.History);
        var range = reader.TryKey(7) ? ReadRange(ref reader) : null;
        reader.Key(8);
        var policy = (byte)reader.UInt32(byte.MaxValue);
        reader.Key(9);
        var envelope = reader.Digest();
        reader.Key(10);
        var body = reader.Digest();
        reader.Key(11);
        var size = reader.UInt(long.MaxValue);
        reader.EndMap();
        var program = new DumpedProgram(owner, hash, name, version, build);
        return new DumpSegment(program, kind, range, policy, new SealedSegment(envelope, body, (long)size));
    }

    public void Write(CborWriter writer)
    {
        writer.Map(Range is null ? 10 : 11)
            .Key(1).Digest(Program.Owner)
            .Key(2).Digest(Program.Hash)
            .Key(3).Text(Program.Name)
            .Key(4).Text(Program.Version)
            .Key(5).Bytes(Program.BuildId.Span)
            .Key(6).UInt((uint)Kind);
        if (Range is { } range)
        {
            writer.Key(7).Array(2).UInt(range.Start).UInt(range.Length);
        }

        writer.Key(8).UInt(Policy)
            .Key(9).Digest(Sealed.Envelope)
            .Key(10).Digest(Sealed.Body)
            .Key(11).UInt((ulong)Sealed.Size);
    }

    private static MemoryRange ReadRange(ref CborReader reader)
    {
        reader.Array(2, 2);
        var range = new MemoryRange(reader.UInt(long.MaxValue), reader.UInt(long.MaxValue));
        reader.EndArray();
        return range;
    }
}

/// <summary>The program that a segment comes from, as its module names it.</summary>
/// <param name="Owner">H of the owner's module key.</param>
/// <param name="Hash">H of the program's bytes.</param>
/// <param name="Name">1–32 printable ASCII characters.</param>
/// <param name="Version">1–32 of them, for people.</param>
/// <param name="BuildId">Finds the symbols, 0–64 bytes.</param>
public sealed record DumpedProgram(
    Digest Owner, Digest Hash, string Name, string Version, ReadOnlyMemory<byte> BuildId)
{
    public const int MaxNameSize = 32;
    public const int MaxBuildIdSize = 64;
}

/// <summary>H(EN), H(body) and the plain size in bytes of a sealed segment.</summary>
public sealed record SealedSegment(Digest Envelope, Digest Body, long Size);

/// <summary>A part of memory, in bytes.</summary>
public sealed record MemoryRange(ulong Start, ulong Length);

/// <summary>What a segment holds.</summary>
public enum DumpKind
{
    ElfCore = 1,
    Trace = 2,
    Registers = 3,
    History = 4,
}
