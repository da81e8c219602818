using Keywright.Protocol.Cbor;

namespace Keywright.Protocol;

/// <summary>
/// The names that people give to families, products, orders, factories, stations and device types: 1–32 printable ASCII
/// characters, as in orders, so that a log shows what was sent (docs/spec/wire.md §2).
/// </summary>
public static class ShortText
{
    /// <summary>The longest one, in characters.</summary>
    public const int MaxLength = 32;

    /// <summary>True for such a name.</summary>
    public static bool IsValid(string text) =>
        text.Length is > 0 and <= MaxLength && !text.AsSpan().ContainsAnyExceptInRange(' ', '~');

    /// <summary>Null for such a name. Refusals: Malformed.</summary>
    public static Refusal? Judge(string what, string text) =>
        IsValid(text)
            ? null
            : new Refusal(Reason.Malformed, $"a {what} is 1–{MaxLength} printable ASCII characters");

    /// <summary>Reads it as a text string of a message. Refusals: Malformed, TooLarge.</summary>
    public static string Read(ref CborReader reader)
    {
        var text = reader.Text(1, MaxLength);
        if (!reader.Failed && !IsValid(text))
        {
            reader.Refuse(Reason.Malformed, "a name with other than printable ASCII characters");
        }

        return text;
    }
}
