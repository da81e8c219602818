using System.Collections.Immutable;
using System.Globalization;
using Keywright.Protocol;
using Keywright.Protocol.Provisioning;

namespace Keywright.Owner.Provisioning;

/// <summary>A fault in program text, with the line to look at.</summary>
public sealed record AssemblyError(int Line, string Message)
{
    public override string ToString() => $"line {Line}: {Message}";
}

/// <summary>What assembling gives: a program, or why there is none.</summary>
public sealed record Assembly(ProvisioningProgram? Program, IReadOnlyList<AssemblyError> Errors);

/// <summary>
/// Turns program text into a provisioning program (docs/spec/provisioning.md §3.3). Text is a line <c>version
/// N</c>, then parts and commands: <c>part NAME</c> or <c>command NAME</c> and one instruction a line; in a
/// command <c>use NAME</c> stands for the lines of a part above it. A comment begins with <c>#</c>. Family and
/// epoch come from the chip maker when he signs, so that one text serves all his families.
/// </summary>
public sealed class Assembler
{
    private readonly List<AssemblyError> errors = [];
    private readonly List<ProgramCommand> commands = [];
    private readonly Dictionary<string, ImmutableArray<Instruction>> parts = [];
    private readonly Dictionary<string, int> unused = [];
    private ImmutableArray<Instruction>.Builder? body;
    private string name = string.Empty;
    private int nameLine;
    private bool isPart;
    private uint? version;
    private int line;

    private Assembler()
    {
    }

    /// <summary>Assembles; every line with a fault is reported.</summary>
    public static Assembly Assemble(string text, string family, uint epoch)
    {
        var assembler = new Assembler();
        foreach (var sourceLine in text.Split('\n'))
        {
            assembler.line++;
            assembler.Read(sourceLine);
        }

        assembler.EndBody();
        foreach (var (part, line) in assembler.unused)
        {
            assembler.errors.Add(new AssemblyError(line, $"no command uses part {part}"));
        }

        if (assembler.version is null || assembler.commands.Count == 0)
        {
            assembler.Fail("a program needs a version and at least one command");
        }

        return assembler.errors.Count > 0
            ? new Assembly(null, assembler.errors)
            : new Assembly(
                new ProvisioningProgram(family, epoch, assembler.version!.Value, assembler.commands),
                assembler.errors);
    }

    private void Read(string sourceLine)
    {
        var words = new ProgramWords(sourceLine);
        if (words.AtEnd)
        {
            return;
        }

        try
        {
            var first = words.Next();
            switch (first)
            {
                case "version":
                    version = words.Number();
                    break;
                case "part" or "command":
                    EndBody();
                    (name, nameLine) = (words.Next(), line);
                    isPart = first == "part";
                    body = ImmutableArray.CreateBuilder<Instruction>();
                    break;
                case "use":
                    Use(words.Next());
                    break;
                default:
                    ReadInstruction(first, words);
                    break;
            }

            if (!words.AtEnd)
            {
                Fail($"{words.Next()} is too much");
            }
        }
        catch (FormatException fault)
        {
            Fail(fault.Message);
        }
    }

    private void Use(string part)
    {
        if (body is null || isPart)
        {
            throw new FormatException("use stands in a command");
        }

        if (!parts.TryGetValue(part, out var instructions))
        {
            throw new FormatException($"there is no part {part} above");
        }

        unused.Remove(part);
        Add(instructions.AsSpan());
    }

    private void Add(params ReadOnlySpan<Instruction> instructions)
    {
        body!.AddRange(instructions);
        if (body.Count > InstructionSet.MaxInstructions)
        {
            throw new FormatException($"a command has at most {InstructionSet.MaxInstructions} instructions");
        }
    }

    private void ReadInstruction(string mnemonic, ProgramWords words)
    {
        if (body is null)
        {
            throw new FormatException("instructions stand in a command or a part");
        }

        if (!Enum.TryParse<Opcode>(mnemonic, ignoreCase: true, out var opcode)
            || mnemonic.Any(char.IsAsciiDigit))
        {
            throw new FormatException($"there is no instruction {mnemonic}");
        }

        var operands = ImmutableArray.CreateBuilder<Operand>();
        foreach (var word in InstructionSet.Patterns[opcode])
        {
            if (word.Operand is { } kind)
            {
                operands.Add(ReadOperand(kind, words));
            }
            else if (words.Next() is var found && found != word.Text)
            {
                throw new FormatException($"{found} where {mnemonic} needs \"{word.Text}\"");
            }
        }

        Add(new Instruction(opcode, operands.ToImmutable()));
    }

    private static Operand ReadOperand(OperandKind kind, ProgramWords words) => kind switch
    {
        OperandKind.NewValue => Operand.Of(kind, words.Slot('v')),
        OperandKind.NewKey or OperandKind.Parent or OperandKind.Kek or OperandKind.Mac or OperandKind.Part
            or OperandKind.Material => Operand.Of(kind, words.Slot('k')),
        OperandKind.Item or OperandKind.Size => Operand.Of(kind, [words.Item()]),
        OperandKind.Items or OperandKind.SecretItems => Operand.Of(kind, words.Items()),
        OperandKind.Count => Operand.Of(kind, words.Number()),
        OperandKind.Reason => Operand.Of(kind, (uint)words.Reason()),
        OperandKind.Root => Operand.Of(kind, (uint)words.Root()),
        OperandKind.List => Operand.Of(kind, words.Item().Number),
        OperandKind.Kinds => Operand.Of(kind, words.Kinds()),
        OperandKind.Lifecycle => Operand.Of(kind, words.Item().Number),
        _ => Operand.Of(kind, words.Text()),
    };

    private void EndBody()
    {
        if (body is null)
        {
            return;
        }

        var isTaken = isPart ? parts.ContainsKey(name) : commands.Exists(other => other.Name == name);
        if (!ShortText.IsValid(name) || body.Count == 0 || isTaken)
        {
            Fail($"{(isPart ? "part" : "command")} {name} needs a name of its own and at least one instruction");
        }
        else if (isPart)
        {
            parts.Add(name, body.ToImmutable());
            unused.Add(name, nameLine);
        }
        else
        {
            commands.Add(new ProgramCommand(name, body.ToImmutable()));
        }

        body = null;
    }

    private void Fail(string message) => errors.Add(new AssemblyError(line, message));
}
