using Keywright.Protocol.Cbor;

namespace Keywright.Protocol.Firmware;

/// <summary>A program as it stands on a device (docs/spec/delivery.md §3).</summary>
/// <param name="Owner">H of its owner's module key.</param>
/// <param name="Program">Its name.</param>
/// <param name="Sequence">The sequence of the module it came in.</param>
/// <param name="Version">Its version, for people.</param>
/// <param name="Hash">H of its bytes.</param>
public sealed record Installed(Digest Owner, string Program, ulong Sequence, string Version, Digest Hash)
{
    /// <summary>The most programs on one device.</summary>
    public const int MaxCount = 16;

    /// <summary>Writes the list.</summary>
    public static void WriteAll(CborWriter writer, IReadOnlyList<Installed> programs)
    {
        writer.Array(programs.Count);
        foreach (var program in programs)
        {
            writer.Map(5).Key(1).Digest(program.Owner).Key(2).Text(program.Program);
            writer.Key(3).UInt(program.Sequence).Key(4).Text(program.Version).Key(5).Digest(program.Hash);
        }
    }

    /// <summary>Reads the list.</summary>
    public static Installed[] ReadAll(ref CborReader reader)
    {
        var programs = new Installed[reader.Array(0, MaxCount)];
        for (var i = 0; i < programs.Length; i++)
        {
            reader.Map(5);
            reader.Key(1);
            var owner = reader.Digest();
            reader.Key(2);
            var name = ProgramName.Read(ref reader);
            reader.Key(3);
            var sequence = reader.UInt(Module.MaxSequence);
            reader.Key(4);
            var version = ShortText.Read(ref reader);
            reader.Key(5);
            programs[i] = new Installed(owner, name, sequence, version, reader.Digest());
            reader.EndMap();
        }

        reader.EndArray();
        return programs;
    }
}
