using System.Text.Json.Nodes;
using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Protocol.Keys;

namespace Keywright.ConformanceTests.Protocol;

/// <summary>
/// vectors/start: a chip is made of one run of samples and starts with another (docs/spec/chip.md §1, §5); its
/// generator's first bytes are those of the vector, or it does not start.
/// </summary>
[Trait("Req", "I03")]
public sealed class StartVectorTests
{
    private const int RandomSize = 32;

    public static TheoryData<string> Cases =>
        [.. Directory.GetFiles(Repository.PathTo("vectors", "start")).Select(path => Path.GetFileName(path)).Order()];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_chip_starts_as_the_vector_says(string file)
    {
        var vector = Read(file);
        var expect = vector["expect"]!;

        Assert.Equal(expect is JsonObject ? (string)expect["random"]! : (string)expect!, Start(vector));
    }

    [Fact]
    [Trait("Req", "P12")]
    public void Equal_noise_in_two_chips_or_at_two_boots_gives_other_bytes()
    {
        var same = new[] { "one-chip.json", "equal-noise-other-tester.json", "equal-noise-other-chip.json", "next-boot.json" };

        Assert.Single(same.Select(file => (string)Read(file)["noise"]!).Distinct());
        Assert.Single(same.Select(file => (string)Read(file)["noiseAtBirth"]!).Distinct());
        Assert.Equal(same.Length, same.Select(file => Start(Read(file))).Distinct().Count());
    }

    private static string Start(JsonObject vector)
    {
        try
        {
            var noise = new Script(Bytes(vector, "noiseAtBirth"), Bytes(vector, "noise"));
            var immutable = ImmutableMemory.Read(Bytes(vector, "chip")).OrThrow();
            var silicon = SoftChip.Fabricate(immutable, noise, Bytes(vector, "tester"));
            silicon.Monotonic.Apply(MonotonicUpdate.Booted((ulong)vector["boots"]! - 1));
            using var chip = ChipState.Boot(silicon);
            var random = new byte[RandomSize];
            chip.Entropy.Fill(random);
            return Convert.ToHexStringLower(random);
        }
        catch (NoiseFailedException)
        {
            return "no start";
        }
    }

    private static JsonObject Read(string file) =>
        JsonNode.Parse(File.ReadAllText(Repository.PathTo("vectors", "start", file)))!.AsObject();

    private static byte[] Bytes(JsonObject vector, string field) => Convert.FromHexString((string)vector[field]!);

    /// <summary>These runs of samples, one after the other.</summary>
    private sealed class Script(params byte[][] runs) : IEntropy
    {
        private int next;

        public void Fill(Span<byte> destination)
        {
            Assert.Equal(runs[next].Length, destination.Length);
            runs[next++].CopyTo(destination);
        }
    }
}
