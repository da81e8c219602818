using Keywright.Protocol.Keys;

namespace Keywright.Keystores.Software;

/// <summary>What a key in a key file is for; fixed when it is added.</summary>
internal enum KeyUse
{
    Sign = 1,
    Open = 2,
    Symmetric = 3,
}

/// <summary>A key in a key file.</summary>
internal sealed class NamedKey(string name, KeyUse use, ReadOnlySpan<byte> bytes) : Secret(bytes)
{
    /// <summary>The longest name, in characters.</summary>
    public const int MaxName = 64;

    /// <summary>The longest key, in bytes.</summary>
    public const int MaxSize = 64;

    public string Name { get; } = name;

    public KeyUse Use { get; } = use;
}
