using Keywright.Protocol.Keys;

namespace Keywright.Keystores.Software;

/// <summary>What a key in a key file is for; fixed when it is added.</summary>
internal enum KeyUse
{
    Sign = 1,
    Open = 2,
    Symmetric = 3,
    Record = 4,
}

/// <summary>A key in a key file.</summary>
internal sealed class NamedKey(string name, KeyUse use, ReadOnlySpan<byte> bytes) : Secret(bytes)
{
    /// <summary>The longest name, in characters.</summary>
    public const int MaxName = 64;

    private const int MaxKeySize = 64;

    public string Name { get; } = name;

    public KeyUse Use { get; } = use;

    /// <summary>The longest of this use, in bytes.</summary>
    public static int MaxSizeOf(KeyUse use) => use == KeyUse.Record ? SecretRecord.MaxSize : MaxKeySize;
}
