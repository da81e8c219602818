using Keywright.Owner.Provisioning;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Provisioning;

namespace Keywright.UnitTests.Owner.Provisioning;

public sealed class AssemblerTests
{
    [Theory]
    [InlineData("frobnicate v0", "line 3: there is no instruction frobnicate")]
    [InlineData("24 v0", "line 3: there is no instruction 24")]
    [InlineData("load k0 = 1", "line 3: k0 where a slot v0 to v11 belongs")]
    [InlineData("load v12 = 1", "line 3: v12 where a slot v0 to v11 belongs")]
    [InlineData("load v0 1", "line 3: 1 where load needs \"=\"")]
    [InlineData("load v0 =", "line 3: the line ends too early")]
    [InlineData("load v0 = 1 2", "line 3: 2 is too much")]
    [InlineData("load v0 = chip.mood", "line 3: chip.mood is no slot, fact, number or text")]
    [InlineData("need v0 = 1 else mood", "line 3: no reason is called mood")]
    [InlineData("root k0 = share", "line 3: share is no root: there are oem-share and master-share")]
    [InlineData("each key teapot", "line 3: teapot is no kind of asset")]
    [InlineData("hash v0 = [1 2]", "line 3: 2 where \",\" belongs")]
    [InlineData("hash v0 = 1", "line 3: 1 where \"[\" belongs")]
    [InlineData("emit output = v0", "line 3: output where a text in quotes belongs")]
    [InlineData("fresh k0 = many", "line 3: many is no slot, fact, number or text")]
    public void A_fault_is_told_with_its_line(string instruction, string expected)
    {
        var assembly = Assembler.Assemble($"version 1\ncommand c\n{instruction}\nload v0 = 1\n", "family", 1);

        Assert.Null(assembly.Program);
        Assert.Equal(expected, Assert.Single(assembly.Errors).ToString());
    }

    [Fact]
    public void Every_faulty_line_is_told()
    {
        var assembly = Assembler.Assemble("load v0 = 1\nversion one\ncommand c\nload v0 = 1\n", "family", 1);

        Assert.Equal([1, 2, 5], assembly.Errors.Select(error => error.Line));
    }

    [Fact]
    public void Two_commands_of_one_name_are_a_fault()
    {
        var assembly = Assembler.Assemble(
            "version 1\ncommand c\nload v0 = 1\ncommand c\nload v0 = 1\n", "family", 1);

        Assert.Contains("command c needs a name of its own", Assert.Single(assembly.Errors).Message);
    }

    [Fact]
    public void A_part_is_said_once_and_stands_in_every_command_that_uses_it()
    {
        var parted = Assembler.Assemble(
            "version 1\npart a\nload v0 = 1\npart b\nload v1 = 2\nload v2 = 3\n"
            + "command c\nuse a\nload v3 = 4\nuse b\ncommand d\nuse b\nuse a\n", "family", 1);
        var plain = Assembler.Assemble(
            "version 1\ncommand c\nload v0 = 1\nload v3 = 4\nload v1 = 2\nload v2 = 3\n"
            + "command d\nload v1 = 2\nload v2 = 3\nload v0 = 1\n", "family", 1);

        Assert.Empty(parted.Errors);
        Assert.Equal(
            plain.Program!.Commands.Select(command => InstructionCode.Encode(command.Instructions)),
            parted.Program!.Commands.Select(command => InstructionCode.Encode(command.Instructions)));
    }

    [Theory]
    [InlineData("command c\nload v0 = 1\nuse a\npart a\nload v0 = 1\n", "line 4: there is no part a above", "line 5: no command uses part a")]
    [InlineData("part a\nload v0 = 1\npart b\nuse a\nload v0 = 1\ncommand c\nuse a\nuse b\n", "line 5: use stands in a command")]
    [InlineData("part a\nload v0 = 1\ncommand c\nload v0 = 1\n", "line 2: no command uses part a")]
    [InlineData("part a\nload v0 = 1\npart a\nload v0 = 1\ncommand c\nuse a\n", "line 6: part a needs a name of its own")]
    [InlineData("part a\ncommand c\nload v0 = 1\n", "line 3: part a needs a name of its own and at least one instruction")]
    [InlineData("part a\nload v0 = 1\ncommand c\nuse a b\n", "line 5: b is too much")]
    [InlineData("use a\ncommand c\nload v0 = 1\n", "line 2: use stands in a command")]
    public void A_fault_with_parts_is_told_with_its_line(string text, params string[] expected)
    {
        var assembly = Assembler.Assemble($"version 1\n{text}", "family", 1);

        Assert.Null(assembly.Program);
        Assert.Equal(expected.Length, assembly.Errors.Count);
        Assert.All(expected.Zip(assembly.Errors), pair =>
            Assert.StartsWith(pair.First, pair.Second.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public void A_command_is_too_long_with_its_parts_too()
    {
        var part = string.Concat(Enumerable.Repeat("load v0 = 1\n", 100));

        var assembly = Assembler.Assemble($"version 1\npart a\n{part}command c\nuse a\nuse a\n", "family", 1);

        Assert.Equal(
            "line 105: a command has at most 128 instructions", Assert.Single(assembly.Errors).ToString());
    }

    [Fact]
    public void Comments_and_empty_lines_say_nothing()
    {
        var assembly = Assembler.Assemble(
            "# a program\n\nversion 3 # third\ncommand c\n  load v0 = \"# no comment\"\n", "family", 9);

        Assert.Equal("# no comment", assembly.Program!.Commands[0].Instructions[0][1].Item.Text);
        Assert.Equal((3u, 9u), (assembly.Program.Version, assembly.Program.Epoch));
    }

    [Fact]
    public void What_was_assembled_reads_back_as_it_was_written()
    {
        var program = Assembler.Assemble(ProvisioningBench.ProgramText, "family", 1).Program!;

        var read = Message.Parse<ProvisioningProgram>(
            Message.Sign(program, TestChips.ChipMaker).Bytes).OrThrow().Claimed;

        Assert.Equal(
            program.Commands.Select(command => command.Name), read.Commands.Select(command => command.Name));
        foreach (var (written, found) in program.Commands.Zip(read.Commands))
        {
            Assert.Equal(
                InstructionCode.Encode(written.Instructions), InstructionCode.Encode(found.Instructions));
        }
    }
}
