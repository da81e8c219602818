using System.CommandLine;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Keywright.Cli.Demo;

/// <summary>A process that really crashes: this program again, which writes where it must not. Its runtime leaves an ELF core.</summary>
internal static class CrashProgram
{
    private const string Name = "crash";
    private const int WaitMs = 30_000;

    /// <summary>The hidden command that crashes.</summary>
    public static Command Create()
    {
        var command = new Command(Name, "crashes") { Hidden = true };
        command.SetAction(_ => Marshal.WriteByte(IntPtr.Zero, 1));
        return command;
    }

    /// <summary>Crashes a process of its own and leaves its core; throws when there is none.</summary>
    public static void Run(string core)
    {
        var program = Environment.ProcessPath!;
        string[] arguments = Path.GetFileNameWithoutExtension(program) == "dotnet"
            ? [typeof(CrashProgram).Assembly.Location, Name]
            : [Name];
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        LeaveOnly(start.Environment, core);
        using var process = Process.Start(start)!;
        process.ErrorDataReceived += (_, _) => { };
        process.OutputDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        if (!process.WaitForExit(WaitMs) || !File.Exists(core))
        {
            throw new IOException("the crashed process left no core: is 'createdump' of the .NET runtime there?");
        }
    }

    /// <summary>
    /// A core holds the environment of its process: this one gets nothing of the shell's but the way to its runtime.
    /// </summary>
    private static void LeaveOnly(IDictionary<string, string?> environment, string core)
    {
        environment.TryGetValue("DOTNET_ROOT", out var runtime);
        environment.Clear();
        if (runtime is not null)
        {
            environment["DOTNET_ROOT"] = runtime;
        }

        environment["DOTNET_DbgEnableMiniDump"] = "1";
        environment["DOTNET_DbgMiniDumpType"] = "1";
        environment["DOTNET_DbgMiniDumpName"] = Path.GetFullPath(core);
    }
}
