namespace Keywright.Protocol.Backup.Log;

/// <summary>
/// Base64 of RFC 4648 §4 with one text for each value: no spaces, and no bits beyond the last byte.
/// </summary>
internal static class StrictBase64
{
    public static bool TryDecode(string text, out byte[] bytes)
    {
        var buffer = new byte[(text.Length / 4 * 3) + 3];
        bytes = Convert.TryFromBase64String(text, buffer, out var size) ? buffer[..size] : [];
        return Convert.ToBase64String(bytes) == text;
    }
}
