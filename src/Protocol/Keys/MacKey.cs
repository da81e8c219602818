namespace Keywright.Protocol.Keys;

/// <summary>A key for COSE_Mac0 with HMAC 256/256: 32 bytes, derived for one message type.</summary>
public sealed class MacKey : Secret, IDerivedKey<MacKey>
{
    private MacKey(ReadOnlySpan<byte> bytes)
        : base(bytes)
    {
    }

    public static int Size => 32;

    public static MacKey FromBytes(ReadOnlySpan<byte> bytes) => new(bytes);
}

/// <summary>A key for AES-256-GCM: 32 bytes, derived or drawn for one purpose.</summary>
public sealed class SealKey : Secret, IDerivedKey<SealKey>
{
    private SealKey(ReadOnlySpan<byte> bytes)
        : base(bytes)
    {
    }

    public static int Size => 32;

    public static SealKey FromBytes(ReadOnlySpan<byte> bytes) => new(bytes);
}
