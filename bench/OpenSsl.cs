using System.Diagnostics;
using System.Globalization;

namespace Keywright.Bench;

/// <summary>The named peer, `openssl speed`: one second a call, in its machine-readable form.</summary>
internal static class OpenSsl
{
    /// <summary>Bytes a second of a cipher or MAC (`-evp NAME`, `-cmac NAME`) on blocks of a size.</summary>
    public static double BytesPerSecond(string option, string name, int blockBytes)
    {
        var line = Last(Speed($"-bytes {blockBytes} {option} {name}"), "+F:");
        return Number(line[(line.LastIndexOf(':') + 1)..]);
    }

    /// <summary>Operations a second of ECDSA P-256: signatures and verifications.</summary>
    public static (double Sign, double Verify) Ecdsa()
    {
        var fields = Last(Speed("ecdsap256"), "+F4:").Split(':');
        return (PerSecond(fields[3]), PerSecond(fields[4]));
    }

    /// <summary>Agreements a second of ECDH P-256.</summary>
    public static double Ecdh() => PerSecond(Last(Speed("ecdhp256"), "+F5:").Split(':')[3]);

    // Some versions print a rate, others the seconds of one operation.
    private static double PerSecond(string field) => Number(field) is var value && value < 1 ? 1 / value : value;

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static string Last(string output, string begin) =>
        output.Split('\n').LastOrDefault(line => line.StartsWith(begin, StringComparison.Ordinal))
            ?? throw new InvalidOperationException($"openssl speed printed no line {begin}: {output}");

    private static string Speed(string arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo("openssl", $"speed -mr -seconds 1 {arguments}")
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }) ?? throw new InvalidOperationException("openssl does not start");
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"openssl speed: {errors.Result}");
    }
}
