using Keywright.Protocol.Keys;

namespace Keywright.Device.Provisioning;

/// <summary>What a key slot holds: 1–1024 bytes.</summary>
internal sealed class SlotKey(ReadOnlySpan<byte> bytes) : Secret(bytes);
