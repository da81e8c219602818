using System.Security.Cryptography;
using Keywright.Protocol.Keys;

namespace Keywright.Protocol.Cose;

/// <summary>
/// A well-formed message that nobody has vouched for yet. <see cref="Claimed"/> serves to find the key, and for nothing else.
/// </summary>
public sealed class Unverified<T>
    where T : IMessage<T>
{
    private readonly byte[] bytes;
    private readonly byte[] header;
    private readonly byte[] payload;
    private readonly byte[] proof;

    internal Unverified(
        T claimed, byte[] bytes, Protection protection, byte[] header, byte[] payload, byte[] proof)
    {
        Claimed = claimed;
        Protection = protection;
        this.bytes = bytes;
        this.header = header;
        this.payload = payload;
        this.proof = proof;
    }

    /// <summary>What the message says, unverified.</summary>
    public T Claimed { get; }

    /// <summary>What it is protected by.</summary>
    public Protection Protection { get; }

    /// <summary>H of the message's bytes.</summary>
    public Digest Digest => Digest.Of(bytes);

    /// <summary>Checks the signature. Refusals: WrongAlgorithm when it is a MAC, BadSignature.</summary>
    public Outcome<Verified<T>> VerifySignature(PublicKey key)
    {
        if (Protection != Protection.Signature)
        {
            return new Refusal(Reason.WrongAlgorithm, $"this {T.Type.Name} must be signed");
        }

        return key.Verify(Message.ToBeProtected("Signature1", header, payload), proof)
            ? new Verified<T>(Claimed, bytes)
            : new Refusal(Reason.BadSignature, $"{T.Type.Name} not signed by {key}");
    }

    /// <summary>Checks the MAC in constant time. Refusals: WrongAlgorithm when it is a signature, BadMac.</summary>
    public Outcome<Verified<T>> VerifyMac(MacKey key)
    {
        if (Protection != Protection.Mac)
        {
            return new Refusal(Reason.WrongAlgorithm, $"this {T.Type.Name} must carry a MAC");
        }

        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key.Expose(), Message.ToBeProtected("MAC0", header, payload), expected);
        return CryptographicOperations.FixedTimeEquals(expected, proof)
            ? new Verified<T>(Claimed, bytes)
            : new Refusal(Reason.BadMac, $"{T.Type.Name} with a MAC of another key");
    }
}

/// <summary>A message whose origin is proven, with the very bytes that were proven.</summary>
public sealed class Verified<T>
    where T : IMessage<T>
{
    internal Verified(T content, byte[] bytes)
    {
        Content = content;
        Bytes = bytes;
        Digest = Digest.Of(bytes);
    }

    public T Content { get; }

    /// <summary>The message as received or made.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>H of the message.</summary>
    public Digest Digest { get; }
}
