using Keywright.Protocol.Keys;

namespace Keywright.Protocol.Provisioning;

/// <summary>The key of one part of one package: 32 bytes (suites 1 and 2).</summary>
public sealed class PartKey : Secret, IDerivedKey<PartKey>
{
    private PartKey(ReadOnlySpan<byte> bytes)
        : base(bytes)
    {
    }

    public static int Size => 32;

    public static PartKey FromBytes(ReadOnlySpan<byte> bytes) => new(bytes);
}
