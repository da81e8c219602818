using System.Text;
using Keywright.Device.Chip;
using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Provisioning;

namespace Keywright.Device.Provisioning;

/// <summary>
/// Command "provisioning" (docs/spec/provisioning.md §2): verifies the chip maker's program, checks that it
/// confines its secrets, and runs the use case of it that the input "command" names. What that use case does
/// stands in the program alone. Refusals: MissingInput, those of any message, BadSignature,
/// UnconfinedProgram, WrongFamily, UnknownCommand, and those that the program names.
/// </summary>
internal static class RunProgram
{
    private const int MaxCommandName = 32;

    private static readonly int MaxProgram = ProvisioningProgram.Type.MaxSizeBytes;

    public static Refusal? Run(ChipState chip, IChipHost host)
    {
        var inputs = new Inputs(host);
        if (inputs.Take("program", MaxProgram).Refused(out var bytes, out var why)
            || inputs.Take("command", MaxCommandName).Refused(out var name, out why)
            || Judge(chip, bytes).Refused(out var program, out why))
        {
            return why;
        }

        if (program.Find(Encoding.UTF8.GetString(name)) is not { } command)
        {
            return new Refusal(Reason.UnknownCommand, "the program has no such command");
        }

        using var machine = new SlotMachine(chip, inputs, host, program);
        return machine.Run(command);
    }

    private static Outcome<ProvisioningProgram> Judge(ChipState chip, byte[] bytes)
    {
        if (SignedProgram.Verify(bytes, chip.Immutable.ChipMaker).Refused(out var program, out var why))
        {
            return why;
        }

        return program.Content.Family == chip.Immutable.Family
            ? program.Content
            : new Refusal(
                Reason.WrongFamily,
                $"a program for {program.Content.Family}, a chip of {chip.Immutable.Family}");
    }
}
