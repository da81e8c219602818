using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Keys;

namespace Keywright.ConformanceTests.Protocol;

/// <summary>
/// The good package and the good halves opened by nothing but docs/spec/provisioning.md §5 and the chip's
/// secrets of the vector: no slot machine, no program, no code of the product above key derivation.
/// </summary>
[Trait("Req", "I03")]
public sealed class ProvisioningByTheLetterTests
{
    private static readonly ChipSecrets Chip = ChipSecrets.Of(Bytes(Read("package", "good"), "chip"));

    [Theory]
    [InlineData("good")]
    [InlineData("good-ccm")]
    [InlineData("good-cbc-cmac")]
    [Trait("Req", "P06")]
    [Trait("Req", "P07")]
    public void A_good_package_opens_by_the_letter_of_the_specification(string name)
    {
        var vector = Read("package", name);
        var package = Bytes(vector, "package");
        var headerSize = BinaryPrimitives.ReadInt32BigEndian(package);
        var header = package.AsSpan(4, headerSize).ToArray();
        var headerHash = SHA256.HashData(header);
        var fields = Fields(header);
        var share = Unwrap(Kdf32(OfEpoch(Chip.OemShare), "unlock", CborItem.Array(headerHash)), Bytes(
            vector, "unlock")[^40..]);
        var master = Extract("master", CborItem.Array(
            Chip.Family, Chip.Shares.Count, share, OfEpoch(Chip.Shares[0]), OfEpoch(Chip.Shares[1])));

        var offset = 4 + headerSize;
        var parts = new List<byte[]>();
        for (var i = 0; i < fields.Assets.Count; i++)
        {
            var (reference, kind, size) = fields.Assets[i];
            var parent = Kdf32(master, kind <= 4 ? "enck" : "encd", CborItem.Array(fields.Package));
            var key = Derived(parent, "asset", CborItem.Array(headerHash, i), fields.Suite == 3 ? 64 : 32);
            var (clear, end) = OpenPart(package, offset, key, size, fields.Suite, fields.BlockSize);
            parts.Add(SHA256.HashData(package.AsSpan(offset, end - offset)));
            offset = end;
            var said = vector["assets"]!.AsArray().Single(asset => (uint)asset!["ref"]! == reference)!;
            Assert.True(kind == 4 || Convert.ToHexStringLower(clear) == (string)said["content"]!);
        }

        var p = SHA256.HashData(Nested(headerHash, parts));
        var tag = new byte[16];
        AesCmac.Compute(Kdf32(master, "auth", CborItem.Array(fields.Package)), p, tag);
        Assert.Equal(package[offset..], tag);
        Assert.Equal(
            (string)vector["digest"]!, Convert.ToHexStringLower(SHA256.HashData(CborItem.Array(p, tag))));
    }

    [Fact]
    [Trait("Req", "P05")]
    public void The_good_halves_open_by_the_letter()
    {
        var keep = Read("keep", "good");
        var (input, _, oem) = Halves(keep);

        Assert.Equal((string)keep["oemRandom"]!, Convert.ToHexStringLower(input));
        Assert.Equal((string)keep["oem"]!, Convert.ToHexStringLower(oem));
    }

    [Theory]
    [InlineData("family", 1)]
    [InlineData("chip", 2)]
    [Trait("Req", "P05")]
    [Trait("Req", "P15")]
    public void The_halves_give_the_share_that_is_unlocked_with(string name, int mode)
    {
        var vector = Read("unlocking", name);
        var (input, share, _) = Halves(vector);

        var prk = Extract("oem", CborItem.Array(input, share));
        var oemShare = Kdf32(prk, "named oem share", CborItem.Array(Chip.Family, mode));
        Assert.Equal((string)vector["oemShare"]!, Convert.ToHexStringLower(oemShare));
        if (mode == 1)
        {
            var package = Bytes(vector, "package");
            var headerHash = SHA256.HashData(package.AsSpan(4, BinaryPrimitives.ReadInt32BigEndian(package)));
            var kek = Kdf32(OfEpoch(Chip.OemShare), "unlock", CborItem.Array(headerHash));
            Assert.Equal(oemShare, Unwrap(kek, Bytes(vector, "emitted")[^40..]));
        }
    }

    private static (byte[] Input, byte[] Share, byte[] Oem) Halves(JsonObject keep)
    {
        var (oem, number) = (Bytes(keep, "keepInput")[^91..^59], Bytes(keep, "keepInput")[^58..^42]);
        var input = Unwrap(Kdf32(Chip.OemMasterShare, "keep", CborItem.Array(
            "input", Chip.Family, oem, number)), Bytes(keep, "keepInput")[^40..]);
        var share = Unwrap(Kdf32(Chip.OemMasterShare, "keep", CborItem.Array(
            "share", Chip.Family, oem, number)), Bytes(keep, "keepShare")[^40..]);
        return (input, share, oem);
    }

    private static (byte[] Clear, int End) OpenPart(
        byte[] package, int offset, byte[] key, int size, uint suite, int blockSize)
    {
        var clear = new byte[size];
        for (int block = 0, done = 0; done < size; block++)
        {
            var count = Math.Min(blockSize, size - done);
            var nonce = new byte[12];
            BinaryPrimitives.WriteInt32BigEndian(nonce.AsSpan(7), block);
            nonce[11] = done + count == size ? (byte)1 : (byte)0;
            var ciphertext = package.AsSpan(offset, suite == 3 ? ((count / 16) + 1) * 16 : count);
            var tag = package.AsSpan(offset + ciphertext.Length, 16);
            OpenBlock(suite, key, nonce, ciphertext, tag, clear.AsSpan(done, count));
            done += count;
            offset += ciphertext.Length + tag.Length;
        }

        return (clear, offset);
    }

    private static void OpenBlock(
        uint suite, byte[] key, byte[] nonce, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag, Span<byte> clear)
    {
        switch (suite)
        {
            case 1:
                using (var gcm = new AesGcm(key, 16))
                {
                    gcm.Decrypt(nonce, ciphertext, tag, clear);
                }

                break;
            case 2:
                using (var ccm = new AesCcm(key))
                {
                    ccm.Decrypt(nonce, ciphertext, tag, clear);
                }

                break;
            default:
                var mac = new byte[16];
                AesCmac.Compute(key.AsSpan(32), (byte[])[.. nonce, .. ciphertext], mac);
                Assert.Equal(tag, mac);
                using (var aes = Aes.Create())
                {
                    aes.Key = key[..32];
                    var iv = aes.EncryptEcb([.. nonce, 0, 0, 0, 0], PaddingMode.None);
                    aes.DecryptCbc(ciphertext, iv, PaddingMode.PKCS7).CopyTo(clear);
                }

                break;
        }
    }

    private static HeaderFields Fields(byte[] header)
    {
        var reader = new CborReader(header);
        reader.Map(9);
        reader.Version(1);
        reader.Key(1);
        reader.Bytes(32);
        reader.Key(2);
        reader.Text(1, 32);
        reader.Key(3);
        reader.UInt32();
        reader.Key(4);
        reader.UInt32();
        reader.Key(5);
        var package = reader.Bytes(16).ToArray();
        reader.Key(6);
        var suite = reader.UInt32();
        reader.Key(7);
        var blockSize = (int)reader.UInt32();
        reader.Key(8);
        var assets = new List<(uint, uint, int)>();
        for (var left = reader.Array(4, 256); left > 0; left -= 4)
        {
            var (reference, kind) = (reader.UInt32(), reader.UInt32());
            reader.UInt32();
            assets.Add((reference, kind, (int)reader.UInt32()));
        }

        reader.EndArray();
        reader.EndMap();
        Assert.Null(reader.Finish());
        return new HeaderFields(package, suite, blockSize, assets);
    }

    private static byte[] Nested(byte[] headerHash, List<byte[]> parts)
    {
        using var writer = new CborWriter();
        writer.Array(2).Bytes(headerHash).Array(parts.Count);
        parts.ForEach(part => writer.Bytes(part));
        return writer.ToArray();
    }

    private static byte[] OfEpoch(byte[] share) => Kdf32(share, "epoch", CborItem.Array(1));

    private static byte[] Kdf32(byte[] key, string label, byte[] context) => Derived(key, label, context, 32);

    private static byte[] Derived(byte[] key, string label, byte[] context, int size)
    {
        var derived = new byte[size];
        Kdf.Derive(key, label, context, derived);
        return derived;
    }

    private static byte[] Extract(string label, byte[] material)
    {
        var extracted = new byte[32];
        Kdf.Extract(label, material, extracted);
        return extracted;
    }

    private static byte[] Unwrap(byte[] kek, byte[] wrapped)
    {
        using var aes = Aes.Create();
        aes.Key = kek;
        return aes.DecryptKeyWrapPadded(wrapped);
    }

    private static JsonObject Read(string folder, string name) =>
        JsonNode.Parse(File.ReadAllText(Repository.PathTo("vectors", folder, $"{name}.json")))!.AsObject();

    private static byte[] Bytes(JsonObject vector, string field) =>
        Convert.FromHexString((string)vector[field]!);

    private sealed record HeaderFields(
        byte[] Package, uint Suite, int BlockSize, List<(uint Ref, uint Kind, int Size)> Assets);

    private sealed record ChipSecrets(
        string Family, List<byte[]> Shares, byte[] OemShare, byte[] OemMasterShare)
    {
        public static ChipSecrets Of(byte[] memory)
        {
            var reader = new CborReader(memory);
            reader.Map(9);
            reader.Version(1);
            reader.Key(1);
            reader.Bytes(17);
            reader.Key(2);
            var family = reader.Text(1, 32);
            reader.Key(3);
            reader.UInt32();
            reader.Key(4);
            reader.Bytes(65);
            reader.Key(5);
            var shares = new List<byte[]>();
            for (var left = reader.Array(2, 8); left > 0; left--)
            {
                shares.Add(reader.Bytes(32).ToArray());
            }

            reader.EndArray();
            reader.Key(6);
            var oemShare = reader.Bytes(32).ToArray();
            reader.Key(7);
            return new ChipSecrets(family, shares, oemShare, reader.Bytes(32).ToArray());
        }
    }
}
