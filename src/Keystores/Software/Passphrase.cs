using System.Security.Cryptography;
using System.Text;
using Keywright.Protocol.Keys;

namespace Keywright.Keystores.Software;

/// <summary>
/// What a person types to open a key file: any bytes, at least one; text counts as its UTF-8.
/// </summary>
public sealed class Passphrase : Secret
{
    /// <summary>Copies the bytes; the caller wipes its own.</summary>
    public Passphrase(ReadOnlySpan<byte> bytes)
        : base(bytes) => ArgumentOutOfRangeException.ThrowIfZero(bytes.Length);

    /// <summary>From characters as a terminal or a file gives them; the caller wipes its own.</summary>
    public static Passphrase FromText(ReadOnlySpan<char> text)
    {
        var bytes = new byte[Encoding.UTF8.GetByteCount(text)];
        Encoding.UTF8.GetBytes(text, bytes);
        try
        {
            return new Passphrase(bytes);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }
}
