using System.Diagnostics;

namespace Keywright.TestSupport;

/// <summary>A program of the system that a test runs to its end.</summary>
internal static class ExternalProgram
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Its exit status, and what it said on both outputs; it gets no input.</summary>
    public static Task<(int Status, string Said)> Run(string program, params string[] arguments) =>
        Feed(program, "", arguments);

    /// <summary>Its exit status, and what it said on both outputs, after this input.</summary>
    public static async Task<(int Status, string Said)> Feed(string program, string input, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        if (input.Length > 0)
        {
            await process.StandardInput.WriteAsync(input);
        }

        process.StandardInput.Close();
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

    /// <summary>Whether a program of this name is on the PATH.</summary>
    public static bool IsThere(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, program)));

    /// <summary>What it said; any exit status but 0 fails the test.</summary>
    public static async Task<string> Succeed(string program, params string[] arguments)
    {
        var (status, said) = await Run(program, arguments);
        Assert.True(status == 0, $"{program} {string.Join(' ', arguments)} gave {status}: {said}");
        return said;
    }
}
