using System.Buffers.Binary;
using Keywright.Protocol;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Keys;

namespace Keywright.TestSupport;

/// <summary>
/// What a soft chip keeps in its secret file, read by docs/spec/chip.md §10: the chip key C and, in immutable memory,
/// the secrets of the family.
/// </summary>
internal sealed record DieSecrets(
    ChipId Chip, string Family, byte[] Key, IReadOnlyList<byte[]> Shares, byte[] OemShare, byte[] MasterShare)
{
    private const int SecretSize = 32;

    /// <summary>Of the chip in this folder.</summary>
    public static DieSecrets Of(string folder)
    {
        var silicon = File.ReadAllBytes(Path.Combine(folder, "silicon"));
        var reader = new CborReader(silicon.AsSpan(sizeof(int), BinaryPrimitives.ReadInt32BigEndian(silicon)));
        reader.Map(6);
        reader.Version(1);
        reader.Key(1);
        var immutable = reader.Bytes(1, silicon.Length);
        reader.Key(2);
        return Of(immutable, reader.Bytes(SecretSize).ToArray());
    }

    /// <summary>C and the family's secrets: the secret file may hold these, and nothing else may.</summary>
    public void AddTo(KnownSecrets known)
    {
        known.Add($"C of {Chip}", Key);
        known.Add("K_OEM_SHARE", OemShare);
        known.Add("K_OEM_MASTER_SHARE", MasterShare);
        foreach (var (number, share) in Shares.Index())
        {
            known.Add($"share {number}", share);
        }
    }

    /// <summary>What the chip makes of C at every boot (chip.md §4): no file may hold these.</summary>
    public void AddDerivedTo(KnownSecrets known)
    {
        foreach (var root in new[] { "store", "backup", "drbg", "challenge", "locator" })
        {
            known.Add($"{root} root of {Chip}", Derived(root, SecretSize));
        }

        foreach (var name in new[] { "identity", "tls", "kem" })
        {
            var seed = Derived(name, size: 48);
            using var key = SigningKey.FromDerived(seed);
            known.Add($"seed of the {name} key of {Chip}", seed);
            known.Add($"{name} scalar of {Chip}", key.Expose());
        }
    }

    /// <summary>The identity key's public half, to see that all this is the chip's.</summary>
    public PublicKey Identity
    {
        get
        {
            using var key = SigningKey.FromDerived(Derived("identity", size: 48));
            return key.Public;
        }
    }

    private byte[] Derived(string name, int size)
    {
        var derived = new byte[size];
        Kdf.Derive(Key, name, CborItem.Array(Chip), derived);
        return derived;
    }

    private static DieSecrets Of(ReadOnlySpan<byte> immutable, byte[] key)
    {
        var reader = new CborReader(immutable);
        reader.Map(9);
        reader.Version(1);
        reader.Key(1);
        var chip = ChipId.Read(ref reader);
        reader.Key(2);
        var family = reader.Text(1, 32);
        reader.Key(3);
        reader.UInt32();
        reader.Key(4);
        reader.Bytes(PublicKey.Size);
        reader.Key(5);
        var shares = new List<byte[]>();
        for (var left = reader.Array(2, 8); left > 0; left--)
        {
            shares.Add(reader.Bytes(SecretSize).ToArray());
        }

        reader.EndArray();
        reader.Key(6);
        var oemShare = reader.Bytes(SecretSize).ToArray();
        reader.Key(7);
        return new DieSecrets(chip, family, key, shares, oemShare, reader.Bytes(SecretSize).ToArray());
    }
}
