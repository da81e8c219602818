using System.Text.Json;

namespace Keywright.Protocol;

/// <summary>
/// The members of one object in a JSON file that a person wrote, each taken once. What is missing, unknown or of
/// another form is a <see cref="FormatException"/> that names it by its path.
/// </summary>
internal sealed class JsonMembers
{
    private const int MaxShown = 32;

    private readonly string path;
    private readonly Dictionary<string, JsonElement> left;

    public JsonMembers(JsonElement value, string path)
    {
        this.path = path;
        left = value.ValueKind == JsonValueKind.Object
            ? value.EnumerateObject().ToDictionary(member => member.Name, member => member.Value)
            : throw new FormatException($"{(path.Length == 0 ? "the file" : path)}: an object");
    }

    public bool Has(string name) => left.ContainsKey(name);

    public string Text(string name, int maxLength) => Take(name).Text(maxLength);

    /// <summary>1–32 characters of a–z, 0–9 and hyphen.</summary>
    public string Name(string name) => Take(name).Name();

    public int Number(string name, int least, int most) => Take(name).Number(least, most);

    public T OneOf<T>(string name, Dictionary<string, T> values) => Take(name).OneOf(values);

    public JsonMembers Object(string name) => Take(name).Object();

    public IReadOnlyList<T> Array<T>(string name, int least, int most, Func<JsonItem, T> read) =>
        Take(name).Array(least, most, read);

    /// <summary>Every member was taken.</summary>
    public void End()
    {
        if (left.Keys.FirstOrDefault() is { } unknown)
        {
            var shown = unknown.Length <= MaxShown ? unknown : unknown[..MaxShown];
            throw new FormatException($"{PathTo(shown)}: there is no such member");
        }
    }

    private JsonItem Take(string name) =>
        left.Remove(name, out var value)
            ? new JsonItem(value, PathTo(name))
            : throw new FormatException($"{PathTo(name)}: missing");

    private string PathTo(string name) => path.Length == 0 ? name : $"{path}.{name}";
}

/// <summary>One value of such a file, and its path.</summary>
internal readonly record struct JsonItem(JsonElement Value, string Path)
{
    private const int MaxName = 32;

    public string Text(int maxLength) =>
        Value.ValueKind == JsonValueKind.String && Value.GetString() is { Length: > 0 } text
            && text.Length <= maxLength && !text.Any(char.IsControl)
            ? text
            : throw Wrong($"a text of 1 to {maxLength} characters");

    public string Name()
    {
        var name = Text(MaxName);
        return name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')
            ? name
            : throw Wrong("1 to 32 characters of a to z, 0 to 9 and hyphen");
    }

    public int Number(int least, int most) =>
        Value.ValueKind == JsonValueKind.Number && Value.TryGetInt32(out var number)
            && number >= least && number <= most
            ? number
            : throw Wrong(least == most ? $"{least}" : $"a whole number from {least} to {most}");

    public T OneOf<T>(Dictionary<string, T> values) =>
        Value.ValueKind == JsonValueKind.String && values.TryGetValue(Value.GetString()!, out var found)
            ? found
            : throw Wrong($"one of {string.Join(", ", values.Keys)}");

    public JsonMembers Object() => new(Value, Path);

    public IReadOnlyList<T> Array<T>(int least, int most, Func<JsonItem, T> read)
    {
        if (Value.ValueKind != JsonValueKind.Array || Value.GetArrayLength() < least || Value.GetArrayLength() > most)
        {
            throw Wrong($"an array of {least} to {most}");
        }

        var path = Path;
        return [.. Value.EnumerateArray().Select((item, i) => read(new JsonItem(item, $"{path}[{i}]")))];
    }

    private FormatException Wrong(string rule) => new($"{Path}: {rule}");
}
