using Keywright.Protocol.Cbor;

namespace Keywright.Protocol.Cose;

/// <summary>A message of the model: its payload's shape, read and written in one place.</summary>
public interface IMessage<TSelf>
    where TSelf : IMessage<TSelf>
{
    /// <summary>Its <c>typ</c> and limits.</summary>
    static abstract MessageType Type { get; }

    /// <summary>Reads the payload map; faults stay in the reader, and what is returned then is thrown away.</summary>
    static abstract TSelf Read(ref CborReader reader);

    /// <summary>Writes the payload map.</summary>
    void Write(CborWriter writer);
}

/// <summary>What tells one message from another: the COSE header <c>typ</c> (16, RFC 9596), and who may protect it how.</summary>
/// <param name="Name">Names it: <c>claim</c>.</param>
/// <param name="Protections">The algorithms it may come under.</param>
/// <param name="MaxSizeBytes">The longest message that a reader looks at.</param>
public sealed record MessageType(string Name, Protection Protections, int MaxSizeBytes)
{
    private readonly byte[] signedHeader = ProtectedHeader.Write(Name, Protection.Signature);
    private readonly byte[] taggedHeader = ProtectedHeader.Write(Name, Protection.Mac);

    /// <summary>The value of the header: <c>application/vnd.keywright.claim+cose</c>.</summary>
    public string MediaType => MediaTypeOf(Name);

    /// <summary>The protected header under a protection that this type may come under.</summary>
    internal ReadOnlySpan<byte> Header(Protection protection) =>
        Protections.HasFlag(protection)
            ? protection == Protection.Signature ? signedHeader : taggedHeader
            : throw new InvalidOperationException($"A {Name} never comes under {protection}.");

    internal static string MediaTypeOf(string name) => $"application/vnd.keywright.{name}+cose";
}

/// <summary>How a message is protected.</summary>
[Flags]
public enum Protection
{
    None = 0,

    /// <summary>COSE_Sign1 with ES256 (−7).</summary>
    Signature = 1,

    /// <summary>COSE_Mac0 with HMAC 256/256 (5).</summary>
    Mac = 2,
}
