using System.Security.Cryptography;

namespace Keywright.Protocol.Keys;

/// <summary>
/// An ECDSA P-256 key that signs typed messages (ES256, RFC 9053 §2.1): scalar of 32 bytes, signatures r ‖ s of 64.
/// </summary>
public sealed class SigningKey : Secret
{
    /// <summary>Size of a signature in bytes.</summary>
    public const int SignatureSize = 64;

    private readonly ECDsa key;

    private SigningKey(ReadOnlySpan<byte> scalar)
        : base(scalar)
    {
        var parameters = new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = scalar.ToArray() };
        key = ECDsa.Create(parameters);
        CryptographicOperations.ZeroMemory(parameters.D);
        Public = new PublicKey(P256.Point(key.ExportParameters(false)));
    }

    /// <summary>The public half.</summary>
    public PublicKey Public { get; }

    /// <summary>From 48 derived or random bytes by FIPS 186-5 A.2.1.</summary>
    public static SigningKey FromDerived(ReadOnlySpan<byte> derived48)
    {
        Span<byte> scalar = stackalloc byte[P256.ScalarSize];
        P256.ScalarFromDerived(derived48, scalar);
        var signing = new SigningKey(scalar);
        CryptographicOperations.ZeroMemory(scalar);
        return signing;
    }

    /// <summary>From a stored scalar, 1…n−1; anything else is the fault of whoever stored it.</summary>
    public static SigningKey FromScalar(ReadOnlySpan<byte> scalar32) => new(scalar32);

    /// <summary>A new random key.</summary>
    public static SigningKey Generate(IEntropy entropy)
    {
        Span<byte> seed = stackalloc byte[P256.DerivedSize];
        entropy.Fill(seed);
        var signing = FromDerived(seed);
        CryptographicOperations.ZeroMemory(seed);
        return signing;
    }

    /// <summary>
    /// Signs SHA-256 of <paramref name="data"/>: r ‖ s with s at most half the order, so that nobody without the key can make
    /// a second form of the signature (docs/spec/wire.md §3).
    /// </summary>
    public byte[] Sign(ReadOnlySpan<byte> data)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(data, hash);
        var signature = new byte[SignatureSize];
        if (!key.TrySignHash(hash, signature, out var size) || size != SignatureSize)
        {
            throw new CryptographicException("The platform made no ES256 signature.");
        }

        P256.LowerS(signature);
        return signature;
    }

    /// <inheritdoc/>
    protected override void Wiped() => key.Dispose();
}
