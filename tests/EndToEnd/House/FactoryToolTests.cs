using System.Text.Json.Nodes;

namespace Keywright.EndToEndTests.House;

/// <summary>What a factory is handed, as it was built.</summary>
public class FactoryToolTests
{
    [Fact]
    [Trait("Req", "I02")]
    public void The_factorys_program_brings_no_code_of_the_chip_maker_the_oem_or_the_site()
    {
        var needed = JsonNode.Parse(File.ReadAllText(
            Path.ChangeExtension(KeywrightProgram.PathTo("keywright-station"), ".deps.json")))!;

        Assert.Equal(
            [
                "Keywright.Chips", "Keywright.CommandLine", "Keywright.Device", "Keywright.Protocol",
                "Keywright.Station",
            ],
            needed["libraries"]!.AsObject()
                .Select(library => library.Key.Split('/')[0].Replace(".Reference", "", StringComparison.Ordinal))
                .Where(name => name.StartsWith("Keywright.", StringComparison.Ordinal))
                .Distinct()
                .Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task It_has_the_commands_of_a_lot_and_says_how_they_are_typed()
    {
        var tool = new KeywrightProgram(Path.GetTempPath(), passphrase: "", "keywright-station");

        await tool.Fail(2, "Which chips?", "provision");
    }
}
