using System.Security.Cryptography;
using Keywright.Protocol;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Opening;
using Keywright.Protocol.Sealing;

namespace Keywright.Keystores.Software;

/// <summary>
/// The bytes of a key file (docs/spec/keyfile.md): a head that says how the passphrase becomes a key, and E0
/// under that key.
/// </summary>
internal sealed class KeyFileCipher : IDisposable
{
    public const int DefaultIterations = 600_000;

    private const int MaxIterations = 100_000_000;
    private const int MaxFileBytes = 64 << 10;
    private const int SaltSize = 16;
    private const int NonceSize = 12;
    private const string Pbkdf2 = "pbkdf2-hmac-sha-256";

    private readonly SealKey key;
    private readonly byte[] salt;
    private readonly int iterations;

    private KeyFileCipher(Passphrase passphrase, byte[] salt, int iterations)
    {
        this.salt = salt;
        this.iterations = iterations;
        Span<byte> derived = stackalloc byte[SealKey.Size];
        Rfc2898DeriveBytes.Pbkdf2(passphrase.Expose(), salt, derived, iterations, HashAlgorithmName.SHA256);
        key = SealKey.FromBytes(derived);
        CryptographicOperations.ZeroMemory(derived);
    }

    public static KeyFileCipher New(Passphrase passphrase, int iterations, IEntropy entropy)
    {
        var salt = new byte[SaltSize];
        entropy.Fill(salt);
        return new KeyFileCipher(passphrase, salt, iterations);
    }

    public static Outcome<(KeyFileCipher Cipher, IReadOnlyList<NamedKey> Keys)> Open(
        byte[] file, Passphrase passphrase)
    {
        if (file.Length > MaxFileBytes)
        {
            return new Refusal(Reason.TooLarge, $"a key file of {file.Length} bytes");
        }

        var reader = new CborReader(file);
        reader.Map(5);
        reader.Version(1);
        reader.Key(1);
        var function = reader.Text(1, 32);
        if (!reader.Failed && function != Pbkdf2)
        {
            reader.Refuse(Reason.WrongAlgorithm, $"a key file under {function}");
        }

        reader.Key(2);
        var iterations = (int)reader.UInt(MaxIterations);
        reader.Key(3);
        var salt = reader.Bytes(SaltSize).ToArray();
        reader.Key(4);
        var encrypted = reader.Bytes(1, MaxFileBytes).ToArray();
        reader.EndMap();
        if (!reader.Failed && iterations == 0)
        {
            reader.Refuse(Reason.Malformed, "no iteration at all");
        }

        return reader.Finish() is { } malformed
            ? malformed
            : Open(new KeyFileCipher(passphrase, salt, iterations), encrypted);
    }

    public byte[] Seal(IReadOnlyCollection<NamedKey> keys, IEntropy entropy)
    {
        using var content = new CborWriter(1024);
        content.Array(keys.Count);
        foreach (var named in keys)
        {
            content.Array(3).Text(named.Name).UInt((uint)named.Use).Bytes(named.Expose());
        }

        var nonce = new byte[NonceSize];
        entropy.Fill(nonce);
        using var file = new CborWriter(1024);
        return file.Map(5)
            .Key(0).UInt(1)
            .Key(1).Text(Pbkdf2)
            .Key(2).UInt((uint)iterations)
            .Key(3).Bytes(salt)
            .Key(4).Bytes(Encrypt0Sealer.Seal(key, nonce, Context(), content.Written))
            .ToArray();
    }

    public void Dispose() => key.Dispose();

    private static Outcome<(KeyFileCipher, IReadOnlyList<NamedKey>)> Open(
        KeyFileCipher cipher, byte[] encrypted)
    {
        if (Encrypt0Opener.Open(cipher.key, cipher.Context(), encrypted, MaxFileBytes)
            .Refused(out var content, out var why))
        {
            cipher.Dispose();
            return why.Reason == Reason.BadSeal
                ? new Refusal(Reason.BadSeal, "another passphrase, or the file was changed")
                : why;
        }

        var reader = new CborReader(content);
        var keys = new List<NamedKey>();
        for (var count = reader.Array(0, KeyFile.MaxKeys); count > 0 && !reader.Failed; count--)
        {
            reader.Array(3, 3);
            var name = reader.Text(1, NamedKey.MaxName);
            var use = (KeyUse)reader.UInt32((uint)KeyUse.Record);
            keys.Add(new NamedKey(name, use, reader.Bytes(1, NamedKey.MaxSizeOf(use))));
            reader.EndArray();
            if (use == 0 || (keys.Count > 1 && string.CompareOrdinal(keys[^2].Name, name) >= 0))
            {
                reader.Refuse(Reason.Malformed, "a key of no use, or names that do not rise");
            }
        }

        reader.EndArray();
        CryptographicOperations.ZeroMemory(content);
        if (reader.Finish() is not { } malformed)
        {
            return (cipher, keys);
        }

        cipher.Dispose();
        keys.ForEach(key => key.Dispose());
        return malformed;
    }

    private byte[] Context() => CborItem.Array("key file", Pbkdf2, iterations, salt);
}
