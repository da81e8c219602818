using System.Text.Encodings.Web;
using System.Text.Json;
using Keywright.Fuzz.Targets;

namespace Keywright.Fuzz;

/// <summary>
/// Cases that once were wrong, one a file: fuzz/corpus/TARGET/NAME.json with "what" was wrong, the "seed" whose
/// judge it goes to, the "input" as it was changed, and the answer to "expect".
/// </summary>
public sealed record Corpus(string Target, string Name, string Seed, byte[] Input, string Expect)
{
    private static readonly JsonSerializerOptions Readable =
        new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static string Folder => Repository.PathTo("fuzz", "corpus");

    /// <summary>All that were kept.</summary>
    public static IReadOnlyList<Corpus> All() =>
    [
        .. Directory.GetFiles(Folder, "*.json", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)
            .Select(Read),
    ];

    /// <summary>What is wrong with it now; null when it gives what it must.</summary>
    public string? Replay(IReadOnlyList<Target> targets)
    {
        if (targets.FirstOrDefault(it => it.Name == Target) is not { } target
            || target.Seeds.FirstOrDefault(it => it.Name == Seed) is not { } seed)
        {
            return $"there is no seed {Seed} of a target {Target}";
        }

        var verdict = Oracle.Look(target, seed, Input);
        return verdict.Fault ?? (verdict.Answer == Expect ? null : $"{verdict.Answer} where {Expect} is right");
    }

    /// <summary>Adds a case, or replaces the one of this name.</summary>
    internal void Keep(string what)
    {
        var path = Path.Combine(Folder, Target, $"{Name}.json");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var kept = new { what, seed = Seed, expect = Expect, input = Convert.ToHexStringLower(Input) };
        File.WriteAllText(path, JsonSerializer.Serialize(kept, Readable) + "\n");
    }

    private static Corpus Read(string path)
    {
        using var file = JsonDocument.Parse(File.ReadAllBytes(path));
        string Text(string name) => file.RootElement.GetProperty(name).GetString()!;
        return new Corpus(
            Path.GetRelativePath(Folder, Path.GetDirectoryName(path)!).Replace('\\', '/'),
            Path.GetFileNameWithoutExtension(path),
            Text("seed"),
            Convert.FromHexString(Text("input")),
            Text("expect"));
    }
}
