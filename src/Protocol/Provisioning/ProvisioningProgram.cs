using System.Collections.Immutable;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Cose;

namespace Keywright.Protocol.Provisioning;

/// <summary>
/// S1&lt;provisioning-program, chip maker&gt; (docs/spec/provisioning.md §2): the software that a chip's slot
/// machine runs. Everyone who uses it verifies it: OEM, factory, and the chip before the first instruction.
/// </summary>
/// <param name="Family">The only family whose chips run it.</param>
/// <param name="Epoch">Which generation of shares it sees: a program of an old epoch cannot open packages of
/// a new one.</param>
/// <param name="Version">The chip maker's own count.</param>
/// <param name="Commands">Its use cases, 1–16.</param>
public sealed record ProvisioningProgram(
    string Family, uint Epoch, uint Version, IReadOnlyList<ProgramCommand> Commands)
    : IMessage<ProvisioningProgram>
{
    /// <summary>The most commands in one program.</summary>
    public const int MaxCommands = 16;

    public static MessageType Type { get; } = new("provisioning-program", Protection.Signature, 16384);

    /// <summary>By what name the product's program provisions a chip with a package in this mode.</summary>
    public static string CommandFor(PackageMode mode) =>
        mode == PackageMode.Chip ? "provision-named" : "provision";

    /// <summary>The command of this name; null when there is none.</summary>
    public ProgramCommand? Find(string name) => Commands.FirstOrDefault(command => command.Name == name);

    public static ProvisioningProgram Read(ref CborReader reader)
    {
        reader.Map(5);
        reader.Version(1);
        reader.Key(1);
        var family = ShortText.Read(ref reader);
        reader.Key(2);
        var epoch = reader.UInt32();
        reader.Key(3);
        var version = reader.UInt32();
        reader.Key(4);
        var commands = new List<ProgramCommand>();
        var count = reader.Array(2, MaxCommands * 2);
        if (count % 2 != 0)
        {
            reader.Refuse(Reason.Malformed, "a command is its name and its instructions");
        }

        while (!reader.Failed && commands.Count < count / 2)
        {
            var name = ShortText.Read(ref reader);
            if (commands.Exists(other => other.Name == name))
            {
                reader.Refuse(Reason.Malformed, $"two commands named {name}");
            }

            var code = reader.Bytes();
            if (reader.Failed)
            {
                break;
            }

            if (InstructionCode.Decode(code).Refused(out var instructions, out var why))
            {
                reader.Refuse(why.Reason, $"command {name}: {why.Detail}");
                break;
            }

            commands.Add(new ProgramCommand(name, [.. instructions]));
        }

        reader.EndArray();
        reader.EndMap();
        return new ProvisioningProgram(family, epoch, version, commands);
    }

    public void Write(CborWriter writer)
    {
        writer.Map(5)
            .Key(0).UInt(1)
            .Key(1).Text(Family)
            .Key(2).UInt(Epoch)
            .Key(3).UInt(Version)
            .Key(4).Array(Commands.Count * 2);
        foreach (var command in Commands)
        {
            writer.Text(command.Name).Bytes(InstructionCode.Encode(command.Instructions));
        }
    }
}

/// <summary>A use case that the program offers, by the name under which it is called.</summary>
public sealed record ProgramCommand(string Name, ImmutableArray<Instruction> Instructions);
