using System.Security.Cryptography;
using Keywright.Protocol.Cbor;

namespace Keywright.Protocol.Keys;

/// <summary>
/// A public key to seal to (DHKEM P-256): 65 bytes 04 ‖ x ‖ y. Its <see cref="Id"/>, H of them, is the kid. Keep and
/// reuse it: importing costs as much as an agreement.
/// </summary>
public sealed class HpkePublicKey : IEquatable<HpkePublicKey>
{
    /// <summary>Size in bytes.</summary>
    public const int Size = P256.PointSize;

    private static readonly HpkePublicKey Nobody = new(new byte[Size]);

    private readonly byte[] point;
    private readonly Lazy<ECDiffieHellmanPublicKey> imported;

    internal HpkePublicKey(byte[] point)
    {
        this.point = point;
        imported = new Lazy<ECDiffieHellmanPublicKey>(() => Import(P256.FromPoint(point)!.Value));
        Id = Digest.Of(point);
    }

    /// <summary>H of the 65 bytes.</summary>
    public Digest Id { get; }

    /// <summary>The 65 bytes.</summary>
    public ReadOnlySpan<byte> Bytes => point;

    /// <summary>Takes 65 bytes that must be a point of the curve. Refusals: UnknownKey.</summary>
    public static Outcome<HpkePublicKey> Parse(ReadOnlySpan<byte> bytes)
    {
        if (PublicKey.Parse(bytes).Refused(out _, out var why))
        {
            return why;
        }

        return new HpkePublicKey(bytes.ToArray());
    }

    /// <summary>Reads it as a byte string of a message. Refusals: UnknownKey.</summary>
    public static HpkePublicKey Read(ref CborReader reader)
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

    /// <summary>The platform's form.</summary>
    internal ECDiffieHellmanPublicKey Imported => imported.Value;

    /// <summary>The platform's form of a point; a <see cref="CryptographicException"/> off the curve.</summary>
    internal static ECDiffieHellmanPublicKey Import(ECParameters parameters)
    {
        using var key = ECDiffieHellman.Create(parameters);
        return key.PublicKey;
    }

    public bool Equals(HpkePublicKey? other) => other is not null && Id == other.Id;

    public override bool Equals(object? obj) => Equals(obj as HpkePublicKey);

    public override int GetHashCode() => Id.GetHashCode();

    public override string ToString() => $"key {Id.ToString()[..16]}";
}

/// <summary>The key that opens what was sealed to its public half: a scalar of 32 bytes.</summary>
public sealed class HpkePrivateKey : Secret
{
    private readonly ECDiffieHellman key;

    private HpkePrivateKey(ReadOnlySpan<byte> scalar)
        : base(scalar)
    {
        var parameters = new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = scalar.ToArray() };
        key = ECDiffieHellman.Create(parameters);
        CryptographicOperations.ZeroMemory(parameters.D);
        Public = new HpkePublicKey(P256.Point(key.ExportParameters(false)));
    }

    /// <summary>The public half.</summary>
    public HpkePublicKey Public { get; }

    /// <summary>From 48 derived or random bytes by FIPS 186-5 A.2.1.</summary>
    public static HpkePrivateKey FromDerived(ReadOnlySpan<byte> derived48)
    {
        Span<byte> scalar = stackalloc byte[P256.ScalarSize];
        P256.ScalarFromDerived(derived48, scalar);
        var made = new HpkePrivateKey(scalar);
        CryptographicOperations.ZeroMemory(scalar);
        return made;
    }

    /// <summary>From a stored scalar, 1…n−1; anything else is the fault of whoever stored it.</summary>
    public static HpkePrivateKey FromScalar(ReadOnlySpan<byte> scalar32) => new(scalar32);

    /// <summary>A new random key.</summary>
    public static HpkePrivateKey Generate(IEntropy entropy)
    {
        Span<byte> seed = stackalloc byte[P256.DerivedSize];
        entropy.Fill(seed);
        var made = FromDerived(seed);
        CryptographicOperations.ZeroMemory(seed);
        return made;
    }

    /// <summary>The x coordinate of this scalar times a public key's point, 32 bytes, which the caller wipes.</summary>
    internal byte[] Agree(HpkePublicKey peer) => key.DeriveRawSecretAgreement(peer.Imported);

    /// <summary>The x coordinate of this scalar times a point, 32 bytes, which the caller wipes; null off the curve.</summary>
    internal byte[]? Agree(ReadOnlySpan<byte> point)
    {
        if (P256.FromPoint(point) is not { } parameters)
        {
            return null;
        }

        try
        {
            using var peer = HpkePublicKey.Import(parameters);
            return key.DeriveRawSecretAgreement(peer);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    protected override void Wiped() => key.Dispose();
}
