using Keywright.Fuzz;
using Keywright.Fuzz.Targets;

namespace Keywright.ConformanceTests.Fuzz;

/// <summary>
/// What the fuzzer once found stays mended, and the beginning of a campaign finds nothing. The whole campaign is
/// <c>./keywright fuzz</c> (docs/testing.md).
/// </summary>
public sealed class FuzzTests
{
    private const ulong Seed = 1;
    private const int Cases = 60;

    private static readonly Lazy<IReadOnlyList<Target>> Targets = new(AllTargets.Make);

    public static TheoryData<string> Names => [.. Targets.Value.Select(target => target.Name)];

    public static TheoryData<string, string> Found => [.. Corpus.All().Select(found => (found.Target, found.Name))];

    [Theory]
    [MemberData(nameof(Found))]
    public void What_was_found_once_is_judged_as_it_must_be(string target, string name)
    {
        var found = Corpus.All().Single(it => it.Target == target && it.Name == name);

        Assert.Null(found.Replay(Targets.Value));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Changed_inputs_get_an_answer_in_bounded_memory_and_the_same_one_twice(string name)
    {
        var target = Targets.Value.Single(it => it.Name == name);
        for (var number = 0; number < Cases / target.CostFactor; number++)
        {
            var (_, finding) = Campaign.Run(target, Seed, number);
            Assert.True(finding is null, $"{finding?.What}\n{finding?.Reproduce}");
        }
    }

    [Fact]
    public void No_two_targets_have_one_name()
    {
        Assert.Equal(Targets.Value.Select(it => it.Name).Distinct(), Targets.Value.Select(it => it.Name));
    }
}
