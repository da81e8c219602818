using System.Diagnostics;

namespace Keywright.TestSupport;

/// <summary>A program of the system that a test runs to its end, without input.</summary>
internal static class ExternalProgram
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Its exit status, and what it said on both outputs.</summary>
    public static async Task<(int Status, string Said)> Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        using var impatience = new CancellationTokenSource(Patience);
        try
        {
            await process.WaitForExitAsync(impatience.Token);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }

        return (process.ExitCode, await output + await errors);
    }

    /// <summary>What it said; any exit status but 0 fails the test.</summary>
    public static async Task<string> Succeed(string program, params string[] arguments)
    {
        var (status, said) = await Run(program, arguments);
        Assert.True(status == 0, $"{program} {string.Join(' ', arguments)} gave {status}: {said}");
        return said;
    }
}
