using System.Xml.Linq;

namespace Keywright.UnitTests.House;

/// <summary>Who may see whom. A border between parties is a border between projects.</summary>
public class ReferencesTests
{
    public static readonly TheoryData<string, string[]> MaySee = new()
    {
        { "Protocol", [] },
        { "Device", ["Protocol"] },
        { "Station", ["Protocol"] },
        { "Owner", ["Protocol"] },
        { "Site", ["Protocol"] },
        { "PublicDirectory", ["Protocol"] },
        { "Keystores", ["Protocol", "Site"] },
        { "Storage", ["Protocol", "Site"] },
        { "Chips", ["Device", "Protocol"] },
        { "CommandLine", ["Protocol"] },
        { "StationTool", ["Chips", "CommandLine", "Protocol", "Station"] },
        {
            "Cli",
            [
                "Chips", "CommandLine", "Device", "Keystores", "Owner", "Protocol", "PublicDirectory", "Site",
                "Station", "StationTool", "Storage",
            ]
        },
    };

    [Theory]
    [MemberData(nameof(MaySee))]
    public void A_project_sees_what_the_table_allows_and_no_more(string project, string[] seen)
    {
        Assert.Equal(seen, References(project).Select(Path.GetFileNameWithoutExtension).Order());
    }

    [Theory]
    [MemberData(nameof(MaySee))]
    public void What_a_project_references_lies_beside_it(string project, string[] seen)
    {
        Assert.Equal(seen.Select(name => $"../{name}/{name}.csproj"), References(project).Order());
    }

    [Fact]
    public void Every_project_has_a_row_in_the_table()
    {
        var projects = Directory.GetFiles(Repository.PathTo("src"), "*.csproj", SearchOption.AllDirectories);

        Assert.Equal(
            MaySee.Select(row => row.Data.Item1).Order(),
            projects.Select(Path.GetFileNameWithoutExtension).Order());
    }

    /// <summary>A reference to a built file would pass the table by.</summary>
    [Fact]
    public void No_project_references_an_assembly_file()
    {
        var files = Directory.GetFiles(Repository.PathTo("src"), "*.csproj", SearchOption.AllDirectories);

        Assert.All(files, file => Assert.Empty(XDocument.Load(file).Descendants("Reference")));
    }

    private static IEnumerable<string> References(string project) =>
        XDocument.Load(Repository.PathTo("src", project, $"{project}.csproj"))
            .Descendants("ProjectReference")
            .Select(reference => reference.Attribute("Include")!.Value);
}
