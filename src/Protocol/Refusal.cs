using System.Text;

namespace Keywright.Protocol;

/// <summary>
/// Why hostile, stale or foreign input was turned away (docs/spec/refusals.md). A refusal is a value: when one is
/// returned nothing has changed. <paramref name="Detail"/> is for a log: it never carries a secret, and of what a sender
/// wrote it carries no control characters.
/// </summary>
public sealed record Refusal(Reason Reason, string Detail)
{
    private readonly string detail = Printable(Detail);

    /// <summary>For a log, in one line.</summary>
    public string Detail
    {
        get => detail;
        init => detail = Printable(value);
    }

    /// <summary>The name used in logs, reports, vectors and specs: <c>foreign-package</c>.</summary>
    public string Name => NameOf(Reason);

    /// <summary>The kebab-case name of a reason.</summary>
    public static string NameOf(Reason reason)
    {
        var pascal = reason.ToString();
        var name = new StringBuilder(pascal.Length + 4);
        foreach (var c in pascal)
        {
            if (char.IsAsciiLetterUpper(c) && name.Length > 0)
            {
                name.Append('-');
            }

            name.Append(char.ToLowerInvariant(c));
        }

        return name.ToString();
    }

    public override string ToString() => $"{Name}: {Detail}";

    private static string Printable(string text) =>
        text.Any(char.IsControl) ? string.Concat(text.Select(c => char.IsControl(c) ? '·' : c)) : text;
}
