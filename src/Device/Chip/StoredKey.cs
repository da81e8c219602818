using System.Text;
using Keywright.Protocol.Keys;

namespace Keywright.Device.Chip;

/// <summary>What a stored key is; fixed for ever when it is stored.</summary>
public enum KeyKind
{
    /// <summary>A device key K_D; its name is the kid.</summary>
    Device = 1,

    /// <summary>A service key of the owner.</summary>
    Service = 2,

    /// <summary>An application key; its name is the slot.</summary>
    Application = 3,

    /// <summary>A key or secret that came with provisioning; its name is the asset's reference.</summary>
    Provisioned = 4,

    /// <summary>An owner's public key: public data, kept here so that it cannot be replaced.</summary>
    TrustAnchor = 5,
}

/// <summary>Names a key in the store: kind and a name of 1–48 bytes of UTF-8.</summary>
public readonly record struct KeyHandle(KeyKind Kind, string Name) : IComparable<KeyHandle>
{
    /// <summary>The longest name in UTF-8 bytes.</summary>
    public const int MaxName = 48;

    internal bool IsValid =>
        Enum.IsDefined(Kind) && Name is { Length: > 0 } && Encoding.UTF8.GetByteCount(Name) <= MaxName;

    public int CompareTo(KeyHandle other) =>
        Kind != other.Kind ? Kind.CompareTo(other.Kind) : string.CompareOrdinal(Name, other.Name);

    public override string ToString() => $"{Kind} {Name}";

    public static bool operator <(KeyHandle left, KeyHandle right) => left.CompareTo(right) < 0;

    public static bool operator <=(KeyHandle left, KeyHandle right) => left.CompareTo(right) <= 0;

    public static bool operator >(KeyHandle left, KeyHandle right) => left.CompareTo(right) > 0;

    public static bool operator >=(KeyHandle left, KeyHandle right) => left.CompareTo(right) >= 0;
}

/// <summary>
/// What a key may be used for, its algorithm (each 0–16 bytes of UTF-8, in the words of the story that stored
/// it) and its version. They never change: another key under the handle brings attributes of its own.
/// </summary>
public sealed record KeyAttributes(string Usage, string Algorithm, uint Version)
{
    /// <summary>The longest usage and the longest algorithm in UTF-8 bytes.</summary>
    public const int MaxText = 16;

    internal bool IsValid =>
        Encoding.UTF8.GetByteCount(Usage) <= MaxText && Encoding.UTF8.GetByteCount(Algorithm) <= MaxText;
}

/// <summary>A key in the store, with everything that may be told about it.</summary>
public sealed class StoredKey
{
    internal StoredKey(KeyHandle handle, KeyAttributes attributes, KeyMaterial material)
    {
        Handle = handle;
        Attributes = attributes;
        Material = material;
    }

    public KeyHandle Handle { get; }

    public KeyAttributes Attributes { get; }

    /// <summary>Length of the key in bytes.</summary>
    public int Length => Material.Length;

    internal KeyMaterial Material { get; }
}

/// <summary>The bytes of one stored key.</summary>
internal sealed class KeyMaterial(ReadOnlySpan<byte> bytes) : Secret(bytes);
