using System.Security.Cryptography;
using Keywright.Owner.Provisioning;
using Keywright.Protocol;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Opening.Provisioning;
using Keywright.Protocol.Provisioning;

namespace Keywright.TestSupport;

/// <summary>
/// Everything secret about one package, made by the letter of docs/spec/provisioning.md §4 and §5 from what a die and
/// the OEM's safe hold. That these are the secrets is shown by what they open: the halves, the package's tag, every
/// part.
/// </summary>
internal sealed class PackageSecrets
{
    private readonly KnownSecrets known;
    private readonly DieSecrets die;
    private readonly PackageHeader header;
    private readonly byte[] package;

    private PackageSecrets(KnownSecrets known, DieSecrets die, byte[] package)
    {
        this.known = known;
        this.die = die;
        this.package = package;
        header = PackageDigest.ParseHeader(package).OrThrow();
    }

    /// <summary>
    /// Adds all of them, with the keys that seeds give these chips; the assets in clear are handed back.
    /// </summary>
    public static IReadOnlyList<(Asset Asset, byte[] Content)> AddTo(
        KnownSecrets known, DieSecrets die, byte[] package, Keeps keeps, params IEnumerable<ChipId> chips)
    {
        var secrets = new PackageSecrets(known, die, package);
        var prk = secrets.Prk(keeps);
        var master = secrets.MasterKey(secrets.Named(
            "OEM_SHARE", Derive(prk, "named oem share", CborItem.Array(die.Family, (int)secrets.header.Mode))));
        secrets.HoldsTag(secrets.Package(master, "auth"));
        var (ofKeys, ofData) = (secrets.Package(master, "enck"), secrets.Package(master, "encd"));
        var assets = secrets.header.Assets.Select((asset, number) => (
            asset, secrets.Open(number, asset.Kind <= AssetKind.Generated ? ofKeys : ofData))).ToList();
        foreach (var (asset, content) in assets.Where(asset => asset.asset.Kind <= AssetKind.Generated))
        {
            known.Add($"asset {asset.Ref}", content);
            foreach (var chip in chips.Where(_ => asset.Kind == AssetKind.Seed))
            {
                known.Add(
                    $"key of {chip} from seed {asset.Ref}",
                    Derive(content, "seed", CborItem.Array((int)asset.Ref, chip), content.Length));
            }
        }

        return assets;
    }

    /// <summary>OEM_SHARE as an unlock of the family brings it.</summary>
    private byte[] Prk(Keeps keeps)
    {
        var input = Unwrap(keeps.Input, "input", "OEM_RND_INPUT");
        var share = Unwrap(keeps.Share, "share", "RND_SHARE");
        return Named("PRK of the halves", Extract("oem", CborItem.Array(input, share)));
    }

    private byte[] MasterKey(byte[] oemShare)
    {
        Named("unlock key", Derive(OfEpoch(die.OemShare, "K_OEM_SHARE"), "unlock", CborItem.Array(header.Hash)));
        using var material = new CborWriter(1024);
        material.Array(3 + die.Shares.Count).Text(die.Family).UInt((ulong)die.Shares.Count).Bytes(oemShare);
        foreach (var (number, share) in die.Shares.Index())
        {
            material.Bytes(OfEpoch(share, $"share {number}"));
        }

        return Named("K_MK", Extract("master", material.Written));
    }

    private byte[] Package(byte[] master, string label) =>
        Named($"K_{label.ToUpperInvariant()}", Derive(master, label, CborItem.Array(header.Package.ToArray())));

    private void HoldsTag(byte[] auth)
    {
        using var digest = new PackageDigest();
        for (var part = 0; part < header.Assets.Count; part++)
        {
            digest.Append(Part(part));
            digest.EndPart();
        }

        var tag = new byte[PackageLayout.TagSize];
        AesCmac.Compute(auth, digest.Finish(header.Hash).ToArray(), tag);
        Assert.Equal(package[^PackageLayout.TagSize..], tag);
    }

    private byte[] Open(int number, byte[] parent)
    {
        var asset = header.Assets[number];
        var key = Named($"part key {number}", Derive(
            parent, "asset", CborItem.Array(header.Hash, number), PartKey.SizeOf(header.Suite)));
        using var partKey = new PartKey(header.Suite, key);
        using var opener = new PartOpener(partKey);
        var content = new byte[asset.SizeBytes];
        var (blocks, offset) = (PackageLayout.BlockCount(header, asset), 0);
        for (var block = 0; block < blocks; block++)
        {
            var size = PackageLayout.ClearSize(header, asset, block);
            var sealedSize = PackageLayout.SealedSize(header.Suite, size);
            Assert.True(opener.TryOpen(
                Part(number).Slice(offset, sealedSize),
                last: block == blocks - 1,
                content.AsSpan(block * header.BlockSizeBytes, size)));
            offset += sealedSize;
        }

        return content;
    }

    private ReadOnlySpan<byte> Part(int number) => package.AsSpan(
        (int)PackageLayout.PartOffset(header, number),
        (int)PackageLayout.PartSize(header, header.Assets[number]));

    private byte[] Unwrap(byte[] keep, string role, string name)
    {
        var reader = new CborReader(keep);
        reader.Array(6, 6);
        reader.UInt(1);
        reader.Text(1, 32);
        reader.Text(1, 32);
        var oem = reader.Digest();
        var number = reader.Bytes(16).ToArray();
        var wrapped = reader.Bytes(24, 40);
        using var aes = Aes.Create();
        aes.Key = Named($"{role} half's key", Derive(
            die.MasterShare, "keep", CborItem.Array(role, die.Family, oem, number)));
        return Named(name, aes.DecryptKeyWrapPadded(wrapped));
    }

    private byte[] OfEpoch(byte[] share, string name) =>
        Named($"{name} of the epoch", Derive(share, "epoch", CborItem.Array(header.Epoch)));

    private byte[] Named(string name, byte[] secret)
    {
        known.Add(name, secret);
        return secret;
    }

    private static byte[] Extract(string label, ReadOnlySpan<byte> material)
    {
        var extracted = new byte[32];
        Kdf.Extract(label, material, extracted);
        return extracted;
    }

    private static byte[] Derive(byte[] key, string label, byte[] context, int size = 32)
    {
        var derived = new byte[size];
        Kdf.Derive(key, label, context, derived);
        return derived;
    }
}
