using System.Security.Cryptography;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Keys;

namespace Keywright.Protocol.Firmware;

/// <summary>
/// The keys of one delivery, all from K_D (docs/spec/delivery.md §2). The caller disposes what it gets.
/// </summary>
public static class DeliveryKeys
{
    private static readonly byte[] NoContext = CborItem.Array();

    /// <summary>KDF(K_D, "claim", []): the device's claims.</summary>
    public static MacKey Claim(DeviceKey key) => Kdf.Derive<MacKey>(key, "claim", NoContext);

    /// <summary>KDF(K_D, "grant", []): the site's grants.</summary>
    public static MacKey Grant(DeviceKey key) => Kdf.Derive<MacKey>(key, "grant", NoContext);

    /// <summary>KDF(K_D, "refusal", []): the site's refusals.</summary>
    public static MacKey Refusal(DeviceKey key) => Kdf.Derive<MacKey>(key, "refusal", NoContext);

    /// <summary>KDF(K_D, "done", []): the device's closing messages.</summary>
    public static MacKey Done(DeviceKey key) => Kdf.Derive<MacKey>(key, "done", NoContext);

    /// <summary>KDF(K_D, "resume", []): the device's resumes, where no identity is enrolled.</summary>
    public static MacKey Resume(DeviceKey key) => Kdf.Derive<MacKey>(key, "resume", NoContext);

    /// <summary>KDF(K_D, "resumed", []): the site's answers to them.</summary>
    public static MacKey Resumed(DeviceKey key) => Kdf.Derive<MacKey>(key, "resumed", NoContext);

    /// <summary>KDF(K_D, "resync", []): the site's word that it stands elsewhere.</summary>
    public static MacKey Resync(DeviceKey key) => Kdf.Derive<MacKey>(key, "resync", NoContext);
}

/// <summary>
/// HMAC("keywright v1 body", CBOR[s, K_D]): root of the bodies of one grant (docs/spec/delivery.md §7). The
/// site's random s makes it one that K_D alone does not give.
/// </summary>
public sealed class BodyRoot : Secret
{
    private BodyRoot(ReadOnlySpan<byte> bytes)
        : base(bytes)
    {
    }

    public static BodyRoot Of(DeviceKey key, ReadOnlySpan<byte> siteRandom)
    {
        using var material = new CborWriter(128);
        material.Array(2).Bytes(siteRandom).Bytes(key.Expose());
        Span<byte> root = stackalloc byte[SHA256.HashSizeInBytes];
        Kdf.Extract("body", material.Written, root);
        var made = new BodyRoot(root);
        CryptographicOperations.ZeroMemory(root);
        return made;
    }

    /// <summary>KDF(root, "body", [H(Claim), H(manifest), i]): the key of body i.</summary>
    public BodyKey Key(Digest claim, Digest manifest, int index) =>
        Kdf.Derive<BodyKey>(this, "body", CborItem.Array(claim, manifest, index));

    /// <summary>
    /// KDF(root, "body salt", the same): derived, so that the same body comes out again and ranges resume.
    /// </summary>
    public byte[] Salt(Digest claim, Digest manifest, int index)
    {
        var salt = new byte[BodyShape.SaltSize];
        Kdf.Derive(Expose(), "body salt", CborItem.Array(claim, manifest, index), salt);
        return salt;
    }

    /// <summary>["body", H(manifest), i]: what a body is bound to.</summary>
    public static byte[] Context(Digest manifest, int index) => CborItem.Array("body", manifest, index);
}

/// <summary>The key of one body: 32 bytes.</summary>
public sealed class BodyKey : Secret, IDerivedKey<BodyKey>
{
    private BodyKey(ReadOnlySpan<byte> bytes)
        : base(bytes)
    {
    }

    public static int Size => BodyShape.KeySize;

    public static BodyKey FromBytes(ReadOnlySpan<byte> bytes) => new(bytes);
}
