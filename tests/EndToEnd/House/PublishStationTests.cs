using System.Diagnostics;
using System.Text;

namespace Keywright.EndToEndTests.House;

/// <summary>
/// The command that makes what a factory gets, copied to a folder where tools of our own stand for the build and
/// for git: it hands over only what is an executable of that system and of the commit.
/// </summary>
public sealed class PublishStationTests : IDisposable
{
    private const string Commit = "4bb4c43c91d3b6d089f19ed4ea0bead4a134bc8c";

    private const string BuildTool = """
        #!/bin/sh
        echo "$*" >> built
        [ ! -e broken ] || { echo 'error CS0103'; exit 1; }
        runtime=$6
        while [ "$1" != -o ]; do shift; done
        mkdir -p "$2"
        cp parts.dll "$2/keywright-station.dll"
        cp others.dll "$2/Keywright.Protocol.dll"
        case $runtime in linux-x64) cp elf "$2/keywright-station" ;; win-x64) cp pe "$2/keywright-station.exe" ;; esac
        """;

    private readonly TemporaryFolder folder = new();
    private string last = "";

    public PublishStationTests()
    {
        Directory.CreateDirectory(folder.PathTo("bin"));
        File.Copy(Repository.PathTo("publish-station"), folder.PathTo("publish-station"));
        Install("dotnet", BuildTool);
        Install("git", $"#!/bin/sh\n[ \"$1\" != status ] || cat changes\n[ \"$1\" != rev-parse ] || echo {Commit}\n");
        folder.Write("changes", []);
        folder.Write("elf", [0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1]);
        folder.Write("pe", Pe(machine: 0x8664));
        folder.Write("parts.dll", Assembly(Commit));
        folder.Write("others.dll", Assembly(Commit));
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    [Trait("Req", "P14")]
    public void It_publishes_for_both_systems_and_says_of_which_commit()
    {
        var (exitCode, said) = Run();

        Assert.Equal((0, $".build/station/linux-x64: {Commit}\n.build/station/win-x64: {Commit}"), (exitCode, said));
        Assert.All(File.ReadLines(folder.PathTo("built")), line => Assert.Contains(" --no-self-contained ", line));
        Assert.True(File.Exists(folder.PathTo(".build/station/win-x64/keywright-station.exe")));
    }

    [Fact]
    public void A_factory_without_the_runtime_gets_it_along()
    {
        Assert.Equal(0, Run("--self-contained").ExitCode);

        Assert.All(File.ReadLines(folder.PathTo("built")), line => Assert.Contains(" --self-contained ", line));
        Assert.Equal(2, Run("--fast").ExitCode);
    }

    public static TheoryData<string, byte[]> NoPeFiles => new()
    {
        { "no program", "#!/bin/sh"u8.ToArray() },
        { "nothing", [] },
        { "no mark", [0, .. Pe(0x8664)[1..]] },
        { "cut", Pe(0x8664)[..0x82] },
        { "x86", Pe(0x014C) },
        { "arm64", Pe(0xAA64) },
    };

    [Theory]
    [MemberData(nameof(NoPeFiles))]
    public void What_is_no_windows_program_for_x64_is_not_handed_over(string what, byte[] file)
    {
        folder.Write("pe", file);

        Assert.Equal((what, 1, "publish-station: no PE file for x64: win-x64"), (what, Run().ExitCode, Last()));
    }

    [Fact]
    public void What_is_no_linux_program_is_not_handed_over()
    {
        folder.Write("elf", Pe(0x8664));

        Assert.Equal((1, "publish-station: no ELF file: linux-x64"), (Run().ExitCode, Last()));
    }

    [Theory]
    [InlineData("parts.dll", "keywright-station.dll")]
    [InlineData("others.dll", "Keywright.Protocol.dll")]
    public void A_part_of_another_commit_is_named(string part, string name)
    {
        folder.Write(part, Assembly("0" + Commit[1..]));

        Assert.Equal(1, Run().ExitCode);
        Assert.Equal($"publish-station: .build/station/linux-x64/{name} is not of commit {Commit}", Last());
    }

    [Fact]
    public void Changes_that_are_not_committed_are_not_published()
    {
        folder.Write("changes", " M src/Cli/Program.cs\n"u8);

        Assert.Equal((1, "publish-station: there are changes that are not committed"), (Run().ExitCode, Last()));
        Assert.False(File.Exists(folder.PathTo("built")));
    }

    [Fact]
    public void A_build_that_fails_says_what_the_compiler_said()
    {
        folder.Write("broken", []);

        Assert.Equal((1, "publish-station: the build for linux-x64 failed"), (Run().ExitCode, Last()));
        Assert.Contains("error CS0103", last, StringComparison.Ordinal);
    }

    private string Last() => last.Split('\n')[^1];

    private (int ExitCode, string Said) Run(params string[] arguments)
    {
        var start = new ProcessStartInfo(folder.PathTo("publish-station"), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PATH"] = $"{folder.PathTo("bin")}:{Environment.GetEnvironmentVariable("PATH")}";
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        last = errors.Result.TrimEnd();
        return (process.ExitCode, output.TrimEnd());
    }

    private void Install(string tool, string script)
    {
        var path = folder.Write($"bin/{tool}", Encoding.UTF8.GetBytes(script));
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static byte[] Assembly(string commit) => Encoding.UTF8.GetBytes($"...\u00000.1.0+{commit}\0...");

    private static byte[] Pe(ushort machine)
    {
        var file = new byte[0x100];
        "MZ"u8.CopyTo(file);
        file[60] = 0x80;
        "PE\0\0"u8.CopyTo(file.AsSpan(0x80));
        BitConverter.TryWriteBytes(file.AsSpan(0x84), machine);
        return file;
    }
}
