using System.Diagnostics;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;

namespace Keywright.EndToEndTests.House;

/// <summary>
/// Everything that is forbidden anywhere, compiled into every project in one run of the build tool. The
/// projects are built as they stand, with one more source file; what comes out goes to a folder of its own.
/// </summary>
public sealed partial class ForbiddenDeeds : IDisposable
{
    private const int LinesAbove = 2;

    private static readonly Dictionary<string, string> Deeds = new()
    {
        ["clock"] = "System.DateTime.UtcNow",
        ["clock with offset"] = "System.DateTimeOffset.Now",
        ["ticks"] = "System.Environment.TickCount64",
        ["stopwatch"] = "System.Diagnostics.Stopwatch.GetTimestamp()",
        ["random"] = "System.Random.Shared",
        ["guid"] = "System.Guid.NewGuid()",
        ["fresh key"] = "ECDsa.Create(ECCurve.NamedCurves.nistP256)",
        ["system clock"] = "System.TimeProvider.System",
        ["system entropy"] = "RandomNumberGenerator.GetBytes(1)",
        ["terminal"] = "System.Console.Out",
        ["file"] = "System.IO.File.Exists(null)",
        ["path"] = "System.IO.Path.GetTempPath()",
        ["network"] = "new System.Net.Http.HttpClient()",
        ["opening"] = "new Keywright.Protocol.Opening.Probe()",
        ["opening firmware"] = "new Keywright.Protocol.Opening.Firmware.Probe()",
        ["opening packages"] = "new Keywright.Protocol.Opening.Provisioning.Probe()",
        ["opening backups"] = "new Keywright.Protocol.Opening.Backup.Probe()",
        ["opening dumps"] = "new Keywright.Protocol.Opening.Diagnostics.Probe()",
        ["opening keys"] = "new Keywright.Protocol.Opening.KeyDownload.Probe()",
    };

    private static readonly string[] OpeningNamespaces =
        ["", ".Firmware", ".Provisioning", ".Backup", ".Diagnostics", ".KeyDownload"];

    private readonly string folder = Directory.CreateTempSubdirectory("keywright-borders-").FullName;
    private readonly string log;

    public ForbiddenDeeds()
    {
        File.WriteAllText(Path.Combine(folder, "Deeds.cs"), Source());
        File.WriteAllText(Path.Combine(folder, "Deeds.targets"), """
            <Project>
              <ItemGroup>
                <Compile Include="$(MSBuildThisFileDirectory)Deeds.cs" />
              </ItemGroup>
            </Project>
            """);
        var everyProject = Path.Combine(folder, "Borders.proj");
        File.WriteAllText(everyProject, CompileEveryProject());
        log = Run("dotnet", "msbuild", everyProject, "-nologo", "-v:q", "-m:2", "-nr:false");
    }

    public IEnumerable<string> RefusedIn(string project)
    {
        var names = Deeds.Keys.ToArray();
        var refused = RefusedDeed().Matches(log)
            .Where(match => match.Groups[2].Value == project)
            .Select(match => names[int.Parse(match.Groups[1].Value) - LinesAbove - 1])
            .Distinct()
            .ToList();
        Assert.True(refused.Count > 0, $"Nothing is refused in {project}:\n{log}");
        return refused;
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [GeneratedRegex(@"Deeds\.cs\((\d+),\d+\): error RS0030: .*/([A-Za-z]+)\.csproj\]")]
    private static partial Regex RefusedDeed();

    private static string Source()
    {
        var source = new StringBuilder("using System.Security.Cryptography;\nclass Deeds { void Do() {\n");
        foreach (var deed in Deeds.Values)
        {
            source.Append("_ = ").Append(deed).Append(";\n");
        }

        source.Append("} }\n");
        foreach (var part in OpeningNamespaces)
        {
            source.Append($"namespace Keywright.Protocol.Opening{part} {{ sealed class Probe; }}\n");
        }

        return source.ToString();
    }

    private string CompileEveryProject()
    {
        var built = typeof(ForbiddenDeeds).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>();
        var projects = new StringBuilder();
        var source = Repository.PathTo("src");
        foreach (var file in Directory.GetFiles(source, "*.csproj", SearchOption.AllDirectories))
        {
            var objects = Path.Combine(folder, Path.GetFileNameWithoutExtension(file));
            projects.Append($"""
                <Project Include="{file}" AdditionalProperties="IntermediateOutputPath={objects}/" />

                """);
        }

        return $"""
            <Project>
              <ItemGroup>
            {projects}
              </ItemGroup>
              <Target Name="Build">
                <MSBuild Projects="@(Project)" Targets="Compile" BuildInParallel="true" ContinueOnError="true"
                  Properties="Configuration={built!.Configuration};
                    BuildProjectReferences=false;
                    ProduceReferenceAssembly=false;
                    AnalysisLevel=none;
                    EnforceCodeStyleInBuild=false;
                    CustomAfterMicrosoftCommonTargets={folder}/Deeds.targets" />
              </Target>
            </Project>
            """;
    }

    private static string Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output;
    }
}
