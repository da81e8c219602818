using System.Text.Json;

namespace Keywright.Protocol;

/// <summary>Where in a file of a person's writing the JSON is wrong.</summary>
public static class JsonPlace
{
    /// <summary>
    /// Its message is never shown: it quotes what stands there, which may be a secret's digits. A name that
    /// stands twice has no place.
    /// </summary>
    public static string Of(JsonException fault) =>
        fault is { LineNumber: { } line, BytePositionInLine: { } position }
            ? $"no JSON at line {line + 1}, byte {position + 1}"
            : "no JSON with each name once";
}
