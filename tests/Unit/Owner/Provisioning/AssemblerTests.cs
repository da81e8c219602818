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
