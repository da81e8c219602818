using System.Text.Json;
using System.Text.Json.Nodes;

namespace Keywright.Fuzz.Targets;

/// <summary>One file of the vectors folder.</summary>
internal sealed record Vector(string Name, JsonElement Fields)
{
    public const string Accepted = "accepted";

    /// <summary>
    /// <see cref="Accepted"/>, or the reason's name. An object that says what comes out is an acceptance.
    /// </summary>
    public string Expect
    {
        get
        {
            var expect = Fields.GetProperty("expect");
            return expect.ValueKind == JsonValueKind.Object
                ? expect.TryGetProperty("refused", out var refused) ? refused.GetString()! : Accepted
                : expect.GetString()!;
        }
    }

    public static IReadOnlyList<Vector> All(string folder) =>
    [
        .. Directory.GetFiles(Repository.PathTo("vectors", folder), "*.json")
            .Order(StringComparer.Ordinal)
            .Select(path =>
            {
                using var file = JsonDocument.Parse(File.ReadAllBytes(path));
                return new Vector(Path.GetFileNameWithoutExtension(path), file.RootElement.Clone());
            }),
    ];

    public static IReadOnlyList<Vector> Good(string folder) =>
        [.. All(folder).Where(vector => vector.Expect == Accepted)];

    public bool Has(string name) => Fields.TryGetProperty(name, out _);

    /// <summary>The same with another text in a field.</summary>
    public Vector With(string name, string text)
    {
        var fields = JsonObject.Create(Fields)!;
        fields[name] = text;
        return this with { Fields = JsonSerializer.SerializeToElement(fields) };
    }

    public string Text(string name) => Fields.GetProperty(name).GetString()!;

    public byte[] Bytes(string name) => Convert.FromHexString(Text(name));

    public uint Number(string name) => Fields.GetProperty(name).GetUInt32();
}
