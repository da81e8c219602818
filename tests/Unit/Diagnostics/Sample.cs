using Keywright.Protocol;
using Keywright.Protocol.Diagnostics;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Opening.Diagnostics;
using Keywright.Protocol.Sealing.Diagnostics;

namespace Keywright.UnitTests.Diagnostics;

/// <summary>One chip, two owners, and dumps of their programs.</summary>
internal static class Sample
{
    public static readonly SigningKey Identity = SigningKey.Generate(new SeededEntropy(20));
    public static readonly HpkePrivateKey OwnerA = HpkePrivateKey.Generate(new SeededEntropy(21));
    public static readonly HpkePrivateKey OwnerB = HpkePrivateKey.Generate(new SeededEntropy(22));
    public static readonly byte[] ContentA = Content(40_000);
    public static readonly byte[] ContentB = Content(100);
    public static readonly DumpPlace Place = new(ChipId.FromRandom(Content(16)), 7, 0);
    public static readonly DeviceId Device = DeviceId.Parse("0011223344556677").OrThrow();
    public static readonly DumpingChip Chip = new(Place.Chip, Identity.Public, Device);

    private static readonly SeededEntropy Entropy = new(23);

    /// <summary>A crash: 40,000 bytes of A's "meter", then 100 of B's "radio".</summary>
    public static byte[] OfBoth()
    {
        var output = new MemoryStream();
        var sealer = new DumpSealer(Place, Entropy, bytes => output.Write(bytes));
        sealer.Add(Program("meter"), DumpKind.ElfCore, [OwnerA.Public], new MemoryStream(ContentA).Read);
        sealer.Add(Program("radio"), DumpKind.Trace, [OwnerB.Public], new MemoryStream(ContentB).Read);
        sealer.End(Device, DumpTrigger.Crash, 1_800_000_000, Identity);
        return output.ToArray();
    }

    /// <summary>100 bytes of B's "radio" alone.</summary>
    public static byte[] OfB(DumpPlace? place = null, SigningKey? signer = null, DeviceId? device = null)
    {
        var output = new MemoryStream();
        var sealer = new DumpSealer(place ?? Place, Entropy, bytes => output.Write(bytes));
        sealer.Add(Program("radio"), DumpKind.Trace, [OwnerB.Public], new MemoryStream(ContentB).Read);
        sealer.End(device ?? Device, DumpTrigger.DebugRequest, null, signer ?? Identity);
        return output.ToArray();
    }

    public static (Outcome<OpenedDump> Verdict, List<byte[]> Contents) Open(
        byte[] dump, params HpkePrivateKey[] keys)
    {
        MemoryStream[] sinks = [new(), new()];
        var verdict = DumpOpener.Open(new MemoryStream(dump), keys, Chip, (i, _) => sinks[i]);
        return (verdict, [.. sinks.Select(sink => sink.ToArray())]);
    }

    public static Reason Why(byte[] dump, params HpkePrivateKey[] keys) => Why(Open(dump, keys).Verdict);

    public static Reason Why<T>(Outcome<T> outcome)
        where T : notnull =>
        outcome.Refused(out _, out var why) ? why.Reason : throw new InvalidOperationException("accepted");

    /// <summary>The frames of a dump, each with its head.</summary>
    public static List<byte[]> Frames(byte[] dump)
    {
        var frames = new List<byte[]>();
        for (var at = 0; at < dump.Length;)
        {
            var size = 5 + ((dump[at + 1] << 24) | (dump[at + 2] << 16) | (dump[at + 3] << 8) | dump[at + 4]);
            frames.Add(dump[at..(at + size)]);
            at += size;
        }

        return frames;
    }

    public static byte[] Join(params IEnumerable<byte[]> frames) => [.. frames.SelectMany(frame => frame)];

    public static byte[] Frame(byte kind, params byte[] content) =>
        [.. DumpFrame.Head(kind, content.Length), .. content];

    public static DumpedProgram Program(string name) =>
        new(Digest.Of("owner"u8), Digest.Of("program"u8), name, "1.2.0", new byte[] { 1, 2, 3 });

    public static byte[] Content(int size)
    {
        var bytes = new byte[size];
        new SeededEntropy(99).Fill(bytes);
        return bytes;
    }
}
