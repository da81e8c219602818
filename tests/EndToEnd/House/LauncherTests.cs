using System.Diagnostics;
using Keywright.TestSupport;

namespace Keywright.EndToEndTests.House;

/// <summary>
/// The two commands of the checkout, copied to a folder where a build tool of our own counts its calls and
/// "publishes" a program that prints its arguments and ends with 7.
/// </summary>
public sealed class LauncherTests : IDisposable
{
    private const string MissingSdk =
        "needs the .NET 10 SDK: https://dotnet.microsoft.com/download/dotnet/10.0";

    private const string BuildTool = """
        #!/bin/sh
        [ "$1" = publish ] || exit 0
        echo publish >> "$BUILDS"
        case $2 in src/Cli) program=keywright ;; src/StationTool) program=keywright-station ;; *) program=keywright-$2 ;; esac
        while [ "$1" != -o ]; do shift; done
        printf '#!/bin/sh\necho "got $*"\nexit 7\n' > "$2/$program"
        chmod +x "$2/$program"
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("keywright-launcher-").FullName;

    public LauncherTests()
    {
        Directory.CreateDirectory(Path.Combine(folder, "src", "Cli"));
        Directory.CreateDirectory(Path.Combine(folder, "bin"));
        foreach (var file in new[] { "Build.props", "Build.targets", "Packages.props" })
        {
            File.WriteAllText(Path.Combine(folder, $"Directory.{file}"), "");
        }

        Directory.CreateDirectory(Path.Combine(folder, "docs", "spec"));
        Directory.CreateDirectory(Path.Combine(folder, "examples", "provisioning"));
        File.WriteAllText(Path.Combine(folder, "docs", "spec", "refusals.md"), "");
        File.WriteAllText(Path.Combine(folder, "global.json"), "");
        File.WriteAllText(Path.Combine(folder, "src", "Cli", "Program.cs"), "");
        File.Copy(Repository.PathTo("keywright"), Path.Combine(folder, "keywright"));
        File.Copy(Repository.PathTo("check"), Path.Combine(folder, "check"));
        InstallBuildTool(BuildTool);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Arguments_and_exit_code_pass_through()
    {
        var (exitCode, output, _) = Run("keywright", "device", "--id", "a b");

        Assert.Equal(7, exitCode);
        Assert.Equal("got device --id a b", output);
    }

    [Fact]
    public void Unchanged_sources_are_built_once()
    {
        Run("keywright");
        Run("keywright");

        Assert.Equal(1, Builds());
    }

    [Fact]
    public void Changed_and_removed_sources_are_built_again()
    {
        var source = Path.Combine(folder, "src", "Cli", "Program.cs");
        Run("keywright");

        File.SetLastWriteTimeUtc(source, File.GetLastWriteTimeUtc(source).AddMinutes(1));
        Run("keywright");
        Assert.Equal(2, Builds());

        File.Delete(source);
        Directory.SetLastWriteTimeUtc(
            Path.GetDirectoryName(source)!,
            File.GetLastWriteTimeUtc(Path.Combine(folder, ".build", "keywright", ".finished")).AddMinutes(1));
        Run("keywright");
        Assert.Equal(3, Builds());
    }

    [Fact]
    public void What_a_build_leaves_behind_does_not_count_as_a_source()
    {
        Run("keywright");
        var objects = Directory.CreateDirectory(Path.Combine(folder, "src", "obj")).FullName;
        File.WriteAllText(Path.Combine(objects, "left.cs"), "");
        File.SetLastWriteTimeUtc(Path.Combine(objects, "left.cs"), new DateTime(2100, 1, 1));
        Directory.SetLastWriteTimeUtc(Path.Combine(folder, "src"), new DateTime(2000, 1, 1));
        Run("keywright");

        Assert.Equal(1, Builds());
    }

    [Theory]
    [InlineData("bench")]
    [InlineData("fuzz")]
    public void A_program_beside_the_product_is_built_from_its_own_project(string name)
    {
        var source = Path.Combine(Directory.CreateDirectory(Path.Combine(folder, name)).FullName, "Program.cs");
        File.WriteAllText(source, "");
        Run("keywright");

        var (exitCode, output, _) = Run("keywright", name, "--seed", "1 2");
        Assert.Equal(7, exitCode);
        Assert.Equal("got --seed 1 2", output);
        Assert.Equal(2, Builds());

        File.SetLastWriteTimeUtc(source, File.GetLastWriteTimeUtc(source).AddMinutes(1));
        Run("keywright");
        Assert.Equal(2, Builds());
        Run("keywright", name);
        Assert.Equal(3, Builds());
    }

    [Fact]
    public void The_factorys_tool_is_launched_as_a_program_of_its_own()
    {
        Directory.CreateDirectory(Path.Combine(folder, "src", "StationTool"));

        var (exitCode, output, _) = Run("keywright", "station-tool", "provision", "--sockets", "4");

        Assert.Equal(7, exitCode);
        Assert.Equal("got provision --sockets 4", output);
        Assert.True(File.Exists(Path.Combine(folder, ".build", "keywright-station", "keywright-station")));
    }

    [Theory]
    [InlineData("keywright", "keywright: ")]
    [InlineData("check", "check: Keywright ")]
    public void A_missing_sdk_gets_one_clear_line(string command, string who)
    {
        InstallBuildTool("#!/bin/sh\nexit 145\n");

        var (exitCode, output, errors) = Run(command);

        Assert.Equal(1, exitCode);
        Assert.Equal("", output);
        Assert.Equal(who + MissingSdk, errors);
    }

    [Fact]
    public void A_build_that_fails_says_what_the_compiler_said()
    {
        InstallBuildTool("#!/bin/sh\n[ $1 = publish ] || exit 0\necho 'error CS0103'\nexit 1\n");

        var (exitCode, output, errors) = Run("keywright");

        Assert.Equal(1, exitCode);
        Assert.Equal("", output);
        Assert.Equal("error CS0103\nkeywright: the build failed", errors);
    }

    private int Builds() => File.ReadAllLines(Path.Combine(folder, "builds")).Length;

    private void InstallBuildTool(string script)
    {
        var tool = Path.Combine(folder, "bin", "dotnet");
        File.WriteAllText(tool, script);
        File.SetUnixFileMode(tool, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private (int ExitCode, string Output, string Errors) Run(string command, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(folder, command), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PATH"] = $"{folder}/bin:{Environment.GetEnvironmentVariable("PATH")}";
        start.Environment["BUILDS"] = Path.Combine(folder, "builds");
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output.TrimEnd(), errors.Result.TrimEnd());
    }
}
