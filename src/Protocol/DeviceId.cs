using Keywright.Protocol.Cbor;

namespace Keywright.Protocol;

/// <summary>
/// A device identity as its makers and operators know it (IMEI, EUI-64, UUID, serial): 1–64 visible ASCII characters, on the
/// wire a text string. An alias of one chip ID. Refusals: Malformed, TooLarge.
/// </summary>
public readonly record struct DeviceId
{
    /// <summary>The longest one, in characters.</summary>
    public const int MaxLength = 64;

    private readonly string? text;

    private DeviceId(string text) => this.text = text;

    public static Outcome<DeviceId> Parse(string text) => text switch
    {
        { Length: > MaxLength } => new Refusal(Reason.TooLarge, $"a device ID has at most {MaxLength} characters"),
        { Length: 0 } => new Refusal(Reason.Malformed, "an empty device ID"),
        _ when text.AsSpan().ContainsAnyExceptInRange('!', '~') =>
            new Refusal(Reason.Malformed, "a device ID is visible ASCII without spaces"),
        _ => new DeviceId(text),
    };

    /// <summary>Reads it as a text string of a message.</summary>
    public static DeviceId Read(ref CborReader reader)
    {
        var text = reader.Text(1, MaxLength);
        if (reader.Failed)
        {
            return default;
        }

        if (Parse(text).Refused(out var id, out var why))
        {
            reader.Refuse(why.Reason, why.Detail);
        }

        return id;
    }

    /// <summary>H of its characters: what a chip stores once and for all, and what binds a backup.</summary>
    public Digest Hash() => Digest.Of(System.Text.Encoding.ASCII.GetBytes(ToString()));

    public override string ToString() => text ?? string.Empty;
}
