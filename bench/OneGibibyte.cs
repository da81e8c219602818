using System.Diagnostics;
using System.Globalization;
using Keywright.Protocol;
using Keywright.Protocol.Opening;
using Keywright.Protocol.Sealing;

namespace Keywright.Bench;

/// <summary>A body of 1 GiB, sealed and opened as streams, in a process of its own, whose peak of memory is told.</summary>
internal static class OneGibibyte
{
    public const string Name = "Cobblestone-256, 1 GiB streamed through sealer and opener: peak memory";

    private const long AimBytes = 64L << 20;
    private const long Size = 1L << 30;

    public static Result Measure()
    {
        using var process = Process.Start(
            new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "keywright-bench"), "pass-a-gibibyte") { RedirectStandardOutput = true })!;
        var peak = long.Parse(process.StandardOutput.ReadToEnd(), CultureInfo.InvariantCulture);
        process.WaitForExit();
        return new Result(Name, Show(peak), "", "", $"< {Show(AimBytes)}", peak < AimBytes, "");
    }

    /// <summary>The work of the child process.</summary>
    public static int Pass()
    {
        var key = new byte[BodyShape.KeySize];
        var salt = new byte[BodyShape.SaltSize];
        byte[] context = [0x80];
        using var zeros = new Zeros(Size);
        using var opener = new OpeningStream(key, context);
        BodySealer.Seal(key, salt, context, zeros, opener);
        opener.Flush();
        if (opener.Opened != Size)
        {
            return 1;
        }

        using var self = Process.GetCurrentProcess();
        Console.WriteLine(self.PeakWorkingSet64.ToString(CultureInfo.InvariantCulture));
        return 0;
    }

    private static string Show(long bytes) =>
        string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1 << 20):0.0} MiB");
}
