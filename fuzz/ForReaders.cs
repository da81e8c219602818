using System.Text.Json.Nodes;
using Keywright.Fuzz.Mutation;
using Keywright.Fuzz.Targets;
using Keywright.Protocol.Diagnostics;

namespace Keywright.Fuzz;

/// <summary>
/// Changed vectors for other readers, one JSON object a line: a case as their <c>--judge</c> takes it, with the
/// product's own verdict as <c>product</c>.
/// </summary>
public static class ForReaders
{
    /// <summary>What is changed of a folder's vectors: whole fields, and what lies behind proofs and seals.</summary>
    public static IReadOnlyList<AcceptedPart> Parts(string folder) =>
    [
        .. AcceptedVectors.In(folder), .. BehindTheProof.In(folder), .. BehindTheSeal.In(folder),
        .. WithoutProof.In(folder),
    ];

    /// <summary>Cases 0 … <paramref name="cases"/> − 1; every folder has the same share of them.</summary>
    public static IEnumerable<JsonObject> Lines(ulong seed, long cases)
    {
        List<(string Folder, IReadOnlyList<AcceptedPart> Parts)> folders =
        [
            .. Directory.GetDirectories(Repository.PathTo("vectors"))
                .Select(path => Path.GetFileName(path))
                .Order(StringComparer.Ordinal)
                .Select(folder => (folder, Parts(folder)))
                .Where(it => it.Item2.Count > 0),
        ];
        for (long number = 0; number < cases; number++)
        {
            var (folder, parts) = folders[(int)(number % folders.Count)];
            var dice = Dice.For(seed, folder, number);
            var part = dice.Pick(parts);
            var line = part.Case(Changed(part, dice.Pick(parts), dice));
            line["folder"] = folder;
            yield return line;
        }
    }

    private static byte[] Changed(AcceptedPart part, AcceptedPart other, Dice dice) => part.Field switch
    {
        "dump" when part.Bytes is [DumpFrame.Preamble, ..] => Frames.Change(part.Bytes, other.Bytes, dice),
        "package" => ChipCommands.ChangePackage(part.Bytes, other.Bytes, dice),
        _ => Mutator.Change(part.Bytes, other.Bytes, dice),
    };
}
