using System.Collections;
using Keywright.Device.Chip;
using Keywright.Protocol.Provisioning;

namespace Keywright.UnitTests.Device;

/// <summary>
/// Whatever was secret in a chip's whole life is looked for in all that it said, and in its files.
/// </summary>
public sealed class SecrecyTests : IDisposable
{
    private static readonly string[] Chips = ["chip", "sealer"];

    private readonly TemporaryFolder folder = new();

    [Fact]
    [Trait("Req", "P04")]
    [Trait("Req", "P06")]
    [Trait("Req", "P11")]
    public void No_command_tells_a_secret_and_no_file_holds_one_but_the_dies_own()
    {
        var (heard, secrets) = Live();
        var ofDies = new KnownSecrets();
        foreach (var die in Chips.Select(chip => DieSecrets.Of(folder.PathTo(chip))))
        {
            die.AddTo(ofDies);
            die.AddDerivedTo(secrets);
        }

        Assert.Equal(AllCommands(), heard.Done.Order(StringComparer.Ordinal));
        Assert.Empty(heard.Search(ofDies));
        Assert.Empty(heard.Search(secrets));
        Assert.Empty(ofDies.FindInFolder(folder.PathTo("."), name => Path.GetFileName(name) == "silicon"));
        Assert.Empty(secrets.FindInFolder(folder.PathTo(".")));
    }

    [Fact]
    public void The_search_finds_in_the_dies_file_all_that_it_may_hold()
    {
        _ = Live();
        foreach (var chip in Chips)
        {
            var (known, path) = (new KnownSecrets(), Path.Combine(folder.PathTo(chip), "silicon"));
            DieSecrets.Of(folder.PathTo(chip)).AddTo(known);

            Assert.Equal(known.Count, known.FindInFile(path).Count);
        }
    }

    public void Dispose() => folder.Dispose();

    private (Heard Heard, KnownSecrets Secrets) Live()
    {
        using var life = new WholeLife(folder);
        life.Live();
        return (life.Heard, life.Secrets);
    }

    private static IEnumerable<string> AllCommands()
    {
        var table = typeof(BootedDevice).Assembly.GetType("Keywright.Device.Chip.Commands")!.GetField("ByName")!;
        var program = SignedProgram.Verify(ProvisioningBench.Program, TestChips.ChipMaker.Public).OrThrow().Content;
        return ((IDictionary)table.GetValue(null)!).Keys.Cast<string>().Where(name => name != "provisioning")
            .Concat(program.Commands.Select(command => $"provisioning {command.Name}"))
            .Order(StringComparer.Ordinal);
    }
}
