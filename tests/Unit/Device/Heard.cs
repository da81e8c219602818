using Keywright.Protocol;
using Keywright.Protocol.Commands;

namespace Keywright.UnitTests.Device;

/// <summary>All that chips said: every output of every command, and every word of a refusal.</summary>
internal sealed class Heard
{
    private readonly List<(string Where, byte[] Bytes)> said = [];

    /// <summary>Commands that were done, those of a provisioning program by its name and theirs.</summary>
    public HashSet<string> Done { get; } = [];

    /// <summary>This chip, listened to.</summary>
    public IChip Of(IChip chip) => new Line(chip, this);

    /// <summary>What a search finds in it, with the command and the output where it was found.</summary>
    public IReadOnlyList<string> Search(KnownSecrets secrets) =>
        [.. from each in said from what in secrets.FindIn(each.Bytes) select $"{each.Where}: {what}"];

    private static string NameOf(string command, IChipHost host)
    {
        if (command != "provisioning")
        {
            return command;
        }

        Span<byte> name = stackalloc byte[32];
        return $"{command} {System.Text.Encoding.UTF8.GetString(name[..Math.Max(0, host.Read("command", 0, name))])}";
    }

    private sealed class Line(IChip chip, Heard heard) : IChip
    {
        public Refusal? Execute(string command, IChipHost host)
        {
            var name = NameOf(command, host);
            var refusal = chip.Execute(command, new Listener(host, heard, name));
            if (refusal is null)
            {
                heard.Done.Add(name);
            }
            else
            {
                heard.said.Add(($"{name}, refused", System.Text.Encoding.UTF8.GetBytes($"{refusal}")));
            }

            return refusal;
        }
    }

    /// <summary>An output comes in pieces: it is searched whole.</summary>
    private sealed class Listener(IChipHost host, Heard heard, string command) : IChipHost
    {
        private readonly Dictionary<string, int> places = [];

        public long SizeOf(string input) => host.SizeOf(input);

        public int Read(string input, long offset, Span<byte> destination) => host.Read(input, offset, destination);

        public void Emit(string output, ReadOnlySpan<byte> data)
        {
            if (!places.TryGetValue(output, out var place))
            {
                places[output] = place = heard.said.Count;
                heard.said.Add(($"{command}, {output}", []));
            }

            heard.said[place] = (heard.said[place].Where, [.. heard.said[place].Bytes, .. data]);
            host.Emit(output, data);
        }
    }
}
