using System.Security.Cryptography;
using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Protocol.Keys;
using Keywright.TestSupport;

namespace Keywright.UnitTests.Device.Chip;

public class ChipDrbgTests
{
    /// <summary>
    /// NIST CAVP, drbgvectors_no_reseed, HMAC_DRBG SHA-256, COUNT = 0: the second of two requests.
    /// </summary>
    [Fact]
    public void A_published_vector_comes_out()
    {
        using var drbg = new ChipDrbg(Convert.FromHexString(
            "ca851911349384bffe89de1cbdc46e6831e44d34a4fb935ee285dd14b71a7488"
            + "659ba96c601dc69fc902940805ec0ca8"));
        var output = new byte[128];
        drbg.Fill(output);
        drbg.Fill(output);

        Assert.Equal(
            "e528e9abf2dece54d47c7e75e5fe302149f817ea9fb4bee6f4199697d04d5b89"
            + "d54fbb978a15b5c443c9ec21036d2460b6f73ebad0dc2aba6e624abf07745bc1"
            + "07694bb7547bb0995f70de25d6b29e2d3011bb19d27676c07162c8b5ccde0668"
            + "961df86803482cb37ed6d5c0bb8d50cf1f50d476aa0458bdaba806f48be9dcb8",
            Convert.ToHexStringLower(output));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(1000)]
    public void Outputs_of_any_length_agree_with_the_standard_written_out(int length)
    {
        var seed = RandomBytes(88);
        using var drbg = new ChipDrbg(seed);
        var key = new byte[32];
        var value = Enumerable.Repeat((byte)1, 32).ToArray();
        (key, value) = Update(key, value, seed);
        for (var request = 0; request < 3; request++)
        {
            var expected = new List<byte>();
            while (expected.Count < length)
            {
                value = HMACSHA256.HashData(key, value);
                expected.AddRange(value);
            }

            (key, value) = Update(key, value, []);
            var output = new byte[length];
            drbg.Fill(output);
            Assert.Equal(expected.Take(length), output);
        }
    }

    [Fact]
    public void Two_boots_differ_even_when_the_noise_repeats_itself()
    {
        var silicon = TestChips.Make();
        var first = new byte[32];
        var second = new byte[32];
        using (var chip = ChipState.Boot(silicon.Snapshot(new SeededNoise(5))))
        {
            chip.Entropy.Fill(first);
        }

        using var settled = ChipState.Boot(silicon);
        using var again = ChipState.Boot(silicon.Snapshot(new SeededNoise(5)));
        again.Entropy.Fill(second);

        Assert.NotEqual(first, second);
    }

    [Fact]
    public void A_stuck_or_biased_source_stops_the_chip()
    {
        var silicon = TestChips.Make();

        Assert.Contains("repetition", Fault(silicon, new Source(_ => 0xA5)), StringComparison.Ordinal);
        Assert.Contains("proportion", Fault(silicon, new Source(i => i % 7 == 0
            ? (byte)0
            : (byte)(i * 31))), StringComparison.Ordinal);
        Assert.Equal(0ul, silicon.Monotonic.State.Boots);
        Assert.Throws<NoiseFailedException>(
            () => SoftChip.Fabricate(
                TestChips.Immutable(), new Source(_ => 0), new byte[SoftChip.TesterSize]));
    }

    /// <summary>A source that sticks after the samples that were tested makes no secret any more.</summary>
    [Fact]
    public void No_sample_is_used_that_was_not_tested()
    {
        byte[] First(IEntropy noise)
        {
            using var chip = ChipState.Boot(TestChips.Make().Snapshot(noise));
            var drawn = new byte[32];
            chip.Entropy.Fill(drawn);
            return drawn;
        }

        byte[] ChipKeyOf(IEntropy noise)
        {
            var silicon = SoftChip.Fabricate(TestChips.Immutable(), noise, new byte[SoftChip.TesterSize]);
            var derived = new byte[32];
            silicon.Derive("store", derived);
            return derived;
        }

        Assert.NotEqual(First(new Sticking(1)), First(new Sticking(2)));
        Assert.NotEqual(ChipKeyOf(new Sticking(1)), ChipKeyOf(new Sticking(2)));
    }

    [Fact]
    public void The_cutoffs_are_exact()
    {
        var samples = RandomBytes(NoiseHealth.StartUpSamples);
        Assert.Null(NoiseHealth.FailedTest(samples));
        var run = samples.ToArray();
        run.AsSpan(100, NoiseHealth.RepetitionCutoff - 1).Fill((byte)(run[99] ^ run[108] ^ 0x55));
        Assert.Null(NoiseHealth.FailedTest(run));
        run.AsSpan(100, NoiseHealth.RepetitionCutoff).Fill(run[100]);
        Assert.Equal("repetition count", NoiseHealth.FailedTest(run));

        var indices = Enumerable.Range(0, NoiseHealth.StartUpSamples);
        var spread = indices.Select(i => (byte)(1 + (i % 200))).ToArray();
        for (var i = 0; i < NoiseHealth.ProportionCutoff - 1; i++)
        {
            spread[NoiseHealth.Window + (i * 2)] = 0;
        }

        Assert.Null(NoiseHealth.FailedTest(spread));
        spread[NoiseHealth.Window + 201] = 0;
        Assert.Equal("adaptive proportion", NoiseHealth.FailedTest(spread));
    }

    private static string Fault(SoftChip silicon, IEntropy noise) =>
        Assert.Throws<NoiseFailedException>(() => ChipState.Boot(silicon.Snapshot(noise))).Message;

    private static (byte[] Key, byte[] Value) Update(byte[] key, byte[] value, byte[] provided)
    {
        key = HMACSHA256.HashData(key, (byte[])[.. value, 0, .. provided]);
        value = HMACSHA256.HashData(key, value);
        if (provided.Length > 0)
        {
            key = HMACSHA256.HashData(key, (byte[])[.. value, 1, .. provided]);
            value = HMACSHA256.HashData(key, value);
        }

        return (key, value);
    }

    private static byte[] RandomBytes(int count)
    {
        var bytes = new byte[count];
        new SeededNoise(77).Fill(bytes);
        return bytes;
    }

    /// <summary>Good for as many samples as a start tests, and then always the same.</summary>
    private sealed class Sticking(ulong seed) : IEntropy
    {
        private readonly SeededNoise good = new(seed);
        private int left = NoiseHealth.StartUpSamples;

        public void Fill(Span<byte> destination)
        {
            var count = Math.Min(left, destination.Length);
            good.Fill(destination[..count]);
            destination[count..].Fill(0xA5);
            left -= count;
        }
    }

    private sealed class Source(Func<int, byte> sample) : IEntropy
    {
        public void Fill(Span<byte> destination)
        {
            for (var i = 0; i < destination.Length; i++)
            {
                destination[i] = sample(i);
            }
        }
    }
}
