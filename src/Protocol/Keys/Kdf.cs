using System.Security.Cryptography;
using System.Text;

namespace Keywright.Protocol.Keys;

/// <summary>A key that can be derived: its size is fixed by its type.</summary>
public interface IDerivedKey<TSelf>
    where TSelf : Secret, IDerivedKey<TSelf>
{
    /// <summary>Size in bytes.</summary>
    static abstract int Size { get; }

    /// <summary>Takes the derived bytes.</summary>
    static abstract TSelf FromBytes(ReadOnlySpan<byte> bytes);
}

/// <summary>
/// The key derivation of all stories (docs/spec/keys.md §1): SP 800-108r1 counter mode over HMAC-SHA-256, counter and
/// length fields of 32 bits, label "keywright v1 NAME", context a deterministic CBOR array. Names stand in the table
/// of docs/spec/keys.md §3.
/// </summary>
public static class Kdf
{
    private const string Prefix = "keywright v1 ";

    /// <summary>KDF(key, name, context) into <paramref name="destination"/>.</summary>
    public static void Derive(
        ReadOnlySpan<byte> key, string name, ReadOnlySpan<byte> context, Span<byte> destination) =>
        SP800108HmacCounterKdf.DeriveBytes(key, HashAlgorithmName.SHA256, Label(name), context, destination);

    /// <summary>KDF(key, name, context) as a typed key.</summary>
    public static TKey Derive<TKey>(Secret key, string name, ReadOnlySpan<byte> context)
        where TKey : Secret, IDerivedKey<TKey>
    {
        Span<byte> bytes = stackalloc byte[TKey.Size];
        Derive(key.Expose(), name, context, bytes);
        var derived = TKey.FromBytes(bytes);
        CryptographicOperations.ZeroMemory(bytes);
        return derived;
    }

    /// <summary>Extraction (docs/spec/keys.md §2): HMAC-SHA-256 under the fixed string "keywright v1 NAME", 32 bytes.</summary>
    public static void Extract(string name, ReadOnlySpan<byte> material, Span<byte> destination32) =>
        HMACSHA256.HashData(Label(name), material, destination32);

    /// <summary>The bytes of a label.</summary>
    public static byte[] Label(string name) => Encoding.UTF8.GetBytes(Prefix + name);
}
