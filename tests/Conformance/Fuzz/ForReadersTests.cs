using Keywright.Fuzz;

namespace Keywright.ConformanceTests.Fuzz;

/// <summary>
/// What <c>readers/compare</c> gives to three readers is aimed: unchanged, every part is accepted, also where it is
/// signed, tagged or sealed anew.
/// </summary>
public sealed class ForReadersTests
{
    public static TheoryData<string> Folders =>
    [
        .. Directory.GetDirectories(Repository.PathTo("vectors"))
            .Select(path => Path.GetFileName(path))
            .Where(folder => ForReaders.Parts(folder).Count > 0)
            .Order(),
    ];

    [Theory]
    [MemberData(nameof(Folders))]
    public void What_is_not_changed_is_accepted(string folder)
    {
        foreach (var part in ForReaders.Parts(folder))
        {
            var line = part.Case(part.Bytes);
            Assert.Equal("ok", line["product"]?.GetValue<string>());
            Assert.False(line.ContainsKey("expect"));
        }
    }

    [Fact]
    public void A_seed_decides_what_is_changed()
    {
        var verdicts = ForReaders.Lines(3, 200).Select(line => $"{line["folder"]} {line["product"]}").ToList();
        Assert.Equal(verdicts, ForReaders.Lines(3, 200).Select(line => $"{line["folder"]} {line["product"]}"));
        Assert.True(verdicts.Distinct().Count() > 50, "too little that differs");
    }
}
