using Keywright.Protocol.Keys;

namespace Keywright.Protocol.Firmware;

/// <summary>K_D: the key that one device shares with the site, 32 bytes, named by a kid (docs/spec/keys.md).</summary>
public sealed class DeviceKey : Secret, IDerivedKey<DeviceKey>
{
    private DeviceKey(ReadOnlySpan<byte> bytes)
        : base(bytes)
    {
    }

    public static int Size => 32;

    public static DeviceKey FromBytes(ReadOnlySpan<byte> bytes) => new(bytes);
}
