namespace Keywright.Protocol.Keys;

/// <summary>
/// The port for randomness. Whoever starts a process hands one in: the system's generator, a chip's DRBG, or a seeded
/// one in simulations. Nothing else in Keywright draws random bytes (the nonce inside the platform's ECDSA excepted).
/// </summary>
public interface IEntropy
{
    /// <summary>Fills <paramref name="destination"/> with unpredictable bytes.</summary>
    void Fill(Span<byte> destination);
}
