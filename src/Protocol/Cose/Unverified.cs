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
    private readonly Range payload;

    internal Unverified(T claimed, byte[] bytes, Protection protection, Range payload)
    {
        Claimed = claimed;
        Protection = protection;
        this.bytes = bytes;
        this.payload = payload;
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

        using var signed = Message.ToBeProtected("Signature1", T.Type.Header(Protection), bytes.AsSpan(payload));
        return key.Verify(signed.Written, bytes.AsSpan(^SigningKey.SignatureSize..))
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

        using var tagged = Message.ToBeProtected("MAC0", T.Type.Header(Protection), bytes.AsSpan(payload));
        Span<byte> expected = stackalloc byte[MacKey.TagSize];
        key.Tag(tagged.Written, expected);
        return CryptographicOperations.FixedTimeEquals(expected, bytes.AsSpan(^MacKey.TagSize..))
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
