using System.Security.Cryptography;
using Keywright.Protocol.Cbor;

namespace Keywright.Protocol.Keys;

/// <summary>
/// An ECDSA P-256 public key: 65 bytes 04 ‖ x ‖ y, compared by value. Its <see cref="Id"/> is H of these bytes.
/// Keep and reuse it: importing costs more than verifying.
/// </summary>
public sealed class PublicKey : IEquatable<PublicKey>
{
    /// <summary>Size in bytes.</summary>
    public const int Size = P256.PointSize;

    private readonly byte[] point;
    private readonly Lazy<ECDsa> imported;

    internal PublicKey(byte[] point)
    {
        this.point = point;
        imported = new Lazy<ECDsa>(() => ECDsa.Create(P256.FromPoint(point)!.Value));
        Id = Digest.Of(point);
    }

    /// <summary>H of the 65 bytes: names the key.</summary>
    public Digest Id { get; }

    /// <summary>The 65 bytes.</summary>
    public ReadOnlySpan<byte> Bytes => point;

    /// <summary>Takes 65 bytes that must be a point of the curve. Refusals: UnknownKey.</summary>
    public static Outcome<PublicKey> Parse(ReadOnlySpan<byte> bytes)
    {
        if (!P256.IsUncompressed(bytes))
        {
            return new Refusal(Reason.UnknownKey, "a P-256 key is 65 bytes and begins with 04");
        }

        return P256.IsOnCurve(bytes)
            ? new PublicKey(bytes.ToArray())
            : new Refusal(Reason.UnknownKey, "not a point of P-256");
    }

    /// <summary>Reads it as a byte string of a message. Refusals: UnknownKey.</summary>
    public static PublicKey Read(ref CborReader reader)
    {
        var bytes = reader.Bytes(Size);
        if (reader.Failed)
        {
            return Nobody;
        }

        if (Parse(bytes).Refused(out var key, out var why))
        {
            reader.Refuse(why.Reason, why.Detail);
            return Nobody;
        }

        return key;
    }

    /// <summary>
    /// True when r ‖ s is this key's signature over <paramref name="data"/> in its one allowed form: s at most half the
    /// order (docs/spec/wire.md §3).
    /// </summary>
    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) =>
        P256.HasLowS(signature) && VerifyEitherForm(data, signature);

    /// <summary>The same for signatures of other programs, whose digests decide nothing: checkpoints of logs.</summary>
    public bool VerifyEitherForm(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(data, hash);
        return imported.Value.VerifyHash(hash, signature);
    }

    public bool Equals(PublicKey? other) => other is not null && Id == other.Id;

    public override bool Equals(object? obj) => Equals(obj as PublicKey);

    public override int GetHashCode() => Id.GetHashCode();

    public override string ToString() => $"key {Id.ToString()[..16]}";

    private static readonly PublicKey Nobody = new(new byte[Size]);
}
