using Keywright.Protocol.Cbor;

namespace Keywright.Protocol.Provisioning;

/// <summary>
/// Short names in messages (family, product, factory, order): 1–32 visible ASCII characters or spaces.
/// </summary>
public static class Names
{
    /// <summary>The longest name.</summary>
    public const int MaxSize = 32;

    /// <summary>True when it may stand in a message.</summary>
    public static bool IsValid(string name) =>
        name.Length is > 0 and <= MaxSize && name.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0;

    internal static string Read(ref CborReader reader)
    {
        var name = reader.Text(1, MaxSize);
        if (!reader.Failed && !IsValid(name))
        {
            reader.Refuse(Reason.Malformed, "a name has 1 to 32 printable ASCII characters");
        }

        return name;
    }
}
