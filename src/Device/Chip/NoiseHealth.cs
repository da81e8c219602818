using System.Security.Cryptography;

namespace Keywright.Device.Chip;

/// <summary>
/// The hardware noise source is stuck or biased: the chip does not start, for it could make no secret.
/// </summary>
public sealed class NoiseFailedException(string test)
    : Exception($"The noise source failed its start-up test: {test}. The chip must not be used.");

/// <summary>
/// Start-up tests of raw noise (SP 800-90B §4.4; docs/spec/chip.md §5): 1024 samples of 8 bits, at least 4
/// bits of min-entropy claimed for each, one false alarm in 2^30.
/// </summary>
public static class NoiseHealth
{
    /// <summary>Samples looked at when the chip starts.</summary>
    public const int StartUpSamples = 1024;

    /// <summary>
    /// How many of them make a secret: at 4 bits each, 384 bits, which are the entropy and the nonce of a
    /// generator of 256 bits.
    /// </summary>
    public const int SeedSamples = 96;

    /// <summary>So many equal samples in a row fail: 1 + 30 / 4, rounded up.</summary>
    public const int RepetitionCutoff = 9;

    /// <summary>Samples in a window of the adaptive proportion test.</summary>
    public const int Window = 512;

    /// <summary>
    /// So many samples equal to the window's first one fail: the 1 − 2^−30 quantile of B(512, 1/16), and one
    /// more.
    /// </summary>
    public const int ProportionCutoff = 71;

    /// <summary>
    /// Draws the start-up samples in one run and judges them all; <paramref name="seed"/> gets the last of
    /// them, so that no sample is used that was not tested. Throws <see cref="NoiseFailedException"/>.
    /// </summary>
    public static void StartUp(Action<Span<byte>> noise, Span<byte> seed)
    {
        Span<byte> samples = stackalloc byte[StartUpSamples];
        try
        {
            noise(samples);
            if (FailedTest(samples) is { } failed)
            {
                throw new NoiseFailedException(failed);
            }

            samples[^seed.Length..].CopyTo(seed);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(samples);
        }
    }

    /// <summary>The test that these samples fail; null when none.</summary>
    public static string? FailedTest(ReadOnlySpan<byte> samples) =>
        Repeats(samples) ? "repetition count" : Clusters(samples) ? "adaptive proportion" : null;

    private static bool Repeats(ReadOnlySpan<byte> samples)
    {
        var run = 1;
        for (var i = 1; i < samples.Length; i++)
        {
            run = samples[i] == samples[i - 1] ? run + 1 : 1;
            if (run >= RepetitionCutoff)
            {
                return true;
            }
        }

        return false;
    }

    private static bool Clusters(ReadOnlySpan<byte> samples)
    {
        for (; samples.Length >= Window; samples = samples[Window..])
        {
            if (samples[..Window].Count(samples[0]) >= ProportionCutoff)
            {
                return true;
            }
        }

        return false;
    }
}
