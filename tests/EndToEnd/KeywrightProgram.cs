using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Keywright.EndToEndTests;

/// <summary>The program itself, one run a command, in a folder of the test's own.</summary>
internal sealed class KeywrightProgram(
    string folder, string passphrase = KeywrightProgram.Passphrase, string program = "keywright")
{
    public const string Passphrase = "correct horse battery staple";

    private const int NotUnderstood = 2;

    /// <summary>Runs a command with <c>--json</c>: its exit code, and what it reported or refused.</summary>
    public async Task<(int ExitCode, JsonNode Said)> Run(params string[] arguments)
    {
        var (exitCode, said, errors) = await Start(arguments);
        var isReport = exitCode < NotUnderstood && said.Length > 0;
        return (exitCode, isReport ? JsonNode.Parse(said)! : JsonValue.Create(errors));
    }

    /// <summary>The lines that it prints; any exit code but 0 fails the test.</summary>
    public async Task<string[]> Lines(params string[] arguments)
    {
        var (exitCode, said, errors) = await Start(arguments);
        Assert.True(exitCode == 0, $"{string.Join(' ', arguments)} gave {exitCode}: {errors}");
        return said.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private async Task<(int ExitCode, string Said, string Errors)> Start(string[] arguments)
    {
        var start = new ProcessStartInfo(
            "dotnet", [PathTo(program), .. arguments, "--json"])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["KEYWRIGHT_PASSPHRASE"] = passphrase;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var said = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, said, await errors);
    }

    /// <summary>Where a program of the product lies beside the tests.</summary>
    public static string PathTo(string program) => Path.Combine(AppContext.BaseDirectory, $"{program}.dll");

    /// <summary>Its report; any exit code but 0 fails the test.</summary>
    public async Task<JsonNode> Succeed(params string[] arguments)
    {
        var (exitCode, said) = await Run(arguments);
        Assert.True(exitCode == 0, $"{string.Join(' ', arguments)} gave {exitCode}: {said}");
        return said;
    }

    /// <summary>That it refuses, by this name.</summary>
    public async Task Refuse(string reason, params string[] arguments)
    {
        var (exitCode, said) = await Run(arguments);
        Assert.True(exitCode == 1, $"{string.Join(' ', arguments)} gave {exitCode}: {said}");
        Assert.Equal(reason, (string?)said["refused"]);
    }

    /// <summary>That it ends with this exit code, and says this in words, with no stack trace.</summary>
    public async Task Fail(int expected, string words, params string[] arguments)
    {
        var (exitCode, said) = await Run(arguments);
        Assert.True(exitCode == expected, $"{string.Join(' ', arguments)} gave {exitCode}: {said}");
        Assert.Contains(words, said.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", said.ToString(), StringComparison.Ordinal);
    }
}
