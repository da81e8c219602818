using System.Buffers;
using System.Security.Cryptography;
using Keywright.Protocol.Keys;

namespace Keywright.Protocol.Backup.Log;

/// <summary>
/// The public key of a log, ECDSA P-256 with SHA-256: signature type 0x02 of c2sp.org/signed-note, key ID =
/// first four bytes of SHA-256 over the DER SubjectPublicKeyInfo (docs/spec/log.md §3,
/// docs/decisions/0002-log-signature.md). Written as a verifier key "NAME+ID+BASE64(0x02 ‖
/// SubjectPublicKeyInfo)".
/// </summary>
public sealed class LogKey
{
    /// <summary>Size of a key ID in bytes.</summary>
    public const int IdSize = 4;

    /// <summary>The longest name, in characters.</summary>
    public const int MaxNameLength = 128;

    private const byte EcdsaType = 2;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    // SEQUENCE { SEQUENCE { id-ecPublicKey, prime256v1 }, BIT STRING { … the point follows.
    private static readonly byte[] Prefix =
        Convert.FromHexString("3059301306072a8648ce3d020106082a8648ce3d030107034200");

    private readonly byte[] encoded;

    /// <summary>The key of the log called <paramref name="name"/>.</summary>
    public LogKey(string name, PublicKey key)
    {
        if (!IsName(name))
        {
            throw new ArgumentException("A name has no spaces, no plus and no controls.", nameof(name));
        }

        Name = name;
        Key = key;
        encoded = [.. Prefix, .. key.Bytes];
        IdBytes = IdOf(encoded);
    }

    /// <summary>The name of the log: its origin, a schema-less URL.</summary>
    public string Name { get; }

    /// <summary>The key itself.</summary>
    public PublicKey Key { get; }

    /// <summary>The key ID as eight hexadecimal digits.</summary>
    public string IdHex => Convert.ToHexStringLower(IdBytes);

    internal byte[] IdBytes { get; }

    /// <summary>
    /// Reads a verifier key. Refusals, in this order: <see cref="Reason.Malformed"/> for its form,
    /// <see cref="Reason.WrongAlgorithm"/>, <see cref="Reason.Malformed"/> for the form of the key and a key ID
    /// that is not its own, <see cref="Reason.UnknownKey"/> for what is no point of the curve.
    /// </summary>
    public static Outcome<LogKey> Parse(string verifierKey)
    {
        var parts = verifierKey.Split('+', 3);
        if (parts.Length != 3 || !IsName(parts[0]) ||
            parts[1].Length != 2 * IdSize || parts[1].AsSpan().ContainsAnyExcept(HexDigits) ||
            !StrictBase64.TryDecode(parts[2], out var bytes) || bytes.Length == 0)
        {
            return new Refusal(Reason.Malformed, "A verifier key is name, plus, key ID, plus, base64.");
        }

        var encoded = bytes.AsSpan(1);
        if (bytes[0] != EcdsaType)
        {
            return new Refusal(Reason.WrongAlgorithm, "A log signs with ECDSA, type 2.");
        }

        if (encoded.Length != Prefix.Length + PublicKey.Size || !encoded.StartsWith(Prefix) ||
            Convert.ToHexStringLower(IdOf(encoded)) != parts[1])
        {
            return new Refusal(Reason.Malformed, "The key is none of P-256, or the key ID is not its own.");
        }

        return PublicKey.Parse(encoded[Prefix.Length..]).Refused(out var point, out var why)
            ? why
            : new LogKey(parts[0], point);
    }

    /// <summary>The verifier key.</summary>
    public override string ToString() => $"{Name}+{IdHex}+{Convert.ToBase64String([EcdsaType, .. encoded])}";

    /// <summary>Whether a log may be called so.</summary>
    public static bool IsName(string name) =>
        name.EnumerateRunes().Count() is > 0 and <= MaxNameLength &&
        !name.Any(c => c == '+' || char.IsWhiteSpace(c) || char.IsControl(c));

    private static byte[] IdOf(ReadOnlySpan<byte> encoded) => SHA256.HashData(encoded)[..IdSize];

    internal bool Verify(ReadOnlySpan<byte> text, ReadOnlySpan<byte> derSignature) =>
        DerSignature.TryRead(derSignature, out var signature) && Key.VerifyEitherForm(text, signature);
}
