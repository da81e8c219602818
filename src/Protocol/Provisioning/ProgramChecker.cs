using System.Globalization;

namespace Keywright.Protocol.Provisioning;

/// <summary>
/// Proves, before the first instruction runs, that a program confines its secrets (docs/spec/provisioning.md
/// §3.4). It is pure: chip maker, OEM, factory and chip all run the same. It proves confinement only; that a
/// program does what it should rests on the chip maker's signature. Refusals: UnconfinedProgram, naming
/// command, instruction and rule.
/// </summary>
public static class ProgramChecker
{
    /// <summary>Judges a whole program; null when it is confined.</summary>
    public static Refusal? Check(ProvisioningProgram program)
    {
        var purposeOfLabel = new Dictionary<string, OperandKind>();
        foreach (var command in program.Commands)
        {
            var check = new CommandCheck(purposeOfLabel);
            for (var i = 0; i < command.Instructions.Length; i++)
            {
                if (check.Fault(command.Instructions[i]) is { } fault)
                {
                    var word = command.Instructions[i].Opcode.ToString().ToLowerInvariant();
                    var place = (i + 1).ToString(CultureInfo.InvariantCulture);
                    return new Refusal(
                        Reason.UnconfinedProgram, $"{command.Name}, instruction {place} ({word}): {fault}");
                }
            }

            if (check.FaultAtEnd() is { } unfinished)
            {
                return new Refusal(Reason.UnconfinedProgram, $"{command.Name}: {unfinished}");
            }
        }

        return null;
    }
}
