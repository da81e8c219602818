using Keywright.Protocol.Cbor;
using Keywright.Protocol.Keys;

namespace Keywright.Protocol.Firmware;

/// <summary>
/// R_j: the state of the generator that site and station run in step (docs/spec/programming.md §3), 32 bytes.
/// It only goes forward: who holds R_j+1 cannot tell turn_j.
/// </summary>
public sealed class GeneratorState : Secret, IDerivedKey<GeneratorState>
{
    private GeneratorState(ReadOnlySpan<byte> bytes)
        : base(bytes)
    {
    }

    public static int Size => 32;

    public static GeneratorState FromBytes(ReadOnlySpan<byte> bytes) => new(bytes);

    /// <summary>R_0 of a new enrolment.</summary>
    public static GeneratorState Draw(IEntropy entropy)
    {
        Span<byte> bytes = stackalloc byte[Size];
        entropy.Fill(bytes);
        var drawn = new GeneratorState(bytes);
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(bytes);
        return drawn;
    }

    /// <summary>turn_j = KDF(R_j, "turn", [station, j]).</summary>
    public TurnKey Turn(string station, uint j) =>
        Kdf.Derive<TurnKey>(this, "turn", CborItem.Array(station, j));

    /// <summary>R_j+1 = KDF(R_j, "step", [station, j]); the caller wipes R_j.</summary>
    public GeneratorState Step(string station, uint j) =>
        Kdf.Derive<GeneratorState>(this, "step", CborItem.Array(station, j));
}

/// <summary>turn_j: what one turn of the generator gives, 32 bytes; good for one device.</summary>
public sealed class TurnKey : Secret, IDerivedKey<TurnKey>
{
    private TurnKey(ReadOnlySpan<byte> bytes)
        : base(bytes)
    {
    }

    public static int Size => 32;

    public static TurnKey FromBytes(ReadOnlySpan<byte> bytes) => new(bytes);

    /// <summary>
    /// key_j = KDF(turn_j, "device key", [device ID, chip ID]): K_D of the device whose first ID this is. Two
    /// chips with one ID do not share a key.
    /// </summary>
    public DeviceKey DeviceKey(DeviceId device, ChipId chip) =>
        Kdf.Derive<DeviceKey>(this, "device key", CborItem.Array(device, chip));
}
