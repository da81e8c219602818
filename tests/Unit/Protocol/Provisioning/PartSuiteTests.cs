using System.Security.Cryptography;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Opening.Provisioning;
using Keywright.Protocol.Provisioning;
using Keywright.Protocol.Sealing.Provisioning;

namespace Keywright.UnitTests.Protocol.Provisioning;

/// <summary>The blocks of a part in each of the three suites (docs/spec/provisioning.md §5.1).</summary>
[Trait("Req", "P07")]
public sealed class PartSuiteTests
{
    private const int BlockSize = 1024;

    public static TheoryData<PackageSuite> Suites => [.. Enum.GetValues<PackageSuite>()];

    [Theory]
    [MemberData(nameof(Suites))]
    public void Blocks_of_every_size_open_again(PackageSuite suite)
    {
        foreach (var size in Enumerable.Range(1, 80).Concat([1023, 1024, 1025, 16383, 16384]))
        {
            var clear = ProvisioningBench.Bytes("block", size);
            var block = Seal(suite, (clear, true))[0];

            Assert.Equal(PackageLayout.SealedSize(suite, size), block.Length);
            Assert.InRange(block.Length, size + 16, PackageLayout.MaxSealedBlockSize);
            Assert.True(TryOpen(suite, block, true, size, out var opened));
            Assert.Equal(clear, opened);
        }
    }

    [Theory]
    [InlineData(PackageSuite.Gcm, 32, 48)]
    [InlineData(PackageSuite.Ccm, 31, 47)]
    [InlineData(PackageSuite.CbcCmac, 15, 32)]
    [InlineData(PackageSuite.CbcCmac, 16, 48)]
    [InlineData(PackageSuite.CbcCmac, 16384, 16416)]
    public void A_sealed_block_is_as_long_as_the_specification_says(PackageSuite suite, int size, int sealedSize) =>
        Assert.Equal(sealedSize, PackageLayout.SealedSize(suite, size));

    [Theory]
    [MemberData(nameof(Suites))]
    public void Every_changed_bit_of_a_block_is_refused(PackageSuite suite)
    {
        var block = Seal(suite, (ProvisioningBench.Bytes("block", 50), true))[0];
        foreach (var (bit, changed) in SingleBits.Of(block))
        {
            Assert.False(TryOpen(suite, changed, true, 50, out _), $"bit {bit} was taken");
        }
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public void A_block_opens_at_its_own_place_alone(PackageSuite suite)
    {
        var (one, two) = (ProvisioningBench.Bytes("one", BlockSize), ProvisioningBench.Bytes("two", BlockSize));
        var blocks = Seal(suite, (one, false), (two, true));
        var clear = new byte[BlockSize];

        using var key = Key(suite);
        using (var opener = new PartOpener(key))
        {
            Assert.False(opener.TryOpen(blocks[1], last: true, clear));
            Assert.False(opener.TryOpen(blocks[0], last: false, clear));
        }

        using (var opener = new PartOpener(key))
        {
            Assert.True(opener.TryOpen(blocks[0], last: false, clear));
            Assert.False(opener.TryOpen(blocks[0], last: true, clear));
        }

        using (var opener = new PartOpener(key))
        {
            Assert.True(opener.TryOpen(blocks[0], last: false, clear));
            Assert.True(opener.TryOpen(blocks[1], last: true, clear));
            Assert.Equal(two, clear);
        }
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public void The_end_of_a_part_cannot_be_moved(PackageSuite suite)
    {
        var clear = ProvisioningBench.Bytes("block", BlockSize);

        Assert.False(TryOpen(suite, Seal(suite, (clear, false))[0], last: true, BlockSize, out _));
        Assert.False(TryOpen(suite, Seal(suite, (clear, true))[0], last: false, BlockSize, out _));
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public void A_block_of_another_suite_or_key_is_refused(PackageSuite suite)
    {
        var clear = ProvisioningBench.Bytes("block", 47);
        foreach (var other in Enum.GetValues<PackageSuite>().Where(other => other != suite))
        {
            var foreign = new byte[PackageLayout.SealedSize(suite, clear.Length)];
            Seal(other, (clear, true))[0].AsSpan()[..Math.Min(
                foreign.Length, PackageLayout.SealedSize(other, clear.Length))].CopyTo(foreign);
            Assert.False(TryOpen(suite, foreign, true, clear.Length, out _));
        }

        using var key = new PartKey(suite, ProvisioningBench.Bytes("another key", PartKey.SizeOf(suite)));
        using var opener = new PartOpener(key);
        Assert.False(opener.TryOpen(Seal(suite, (clear, true))[0], last: true, new byte[clear.Length]));
    }

    [Theory]
    [InlineData(14)]
    [InlineData(16)]
    [InlineData(15 + 16)]
    public void A_block_of_the_third_suite_with_another_length_inside_is_refused(int announced)
    {
        var block = Seal(PackageSuite.CbcCmac, (ProvisioningBench.Bytes("block", 15), true))[0];

        Assert.False(TryOpen(PackageSuite.CbcCmac, block, true, announced, out _));
    }

    [Fact]
    public void A_block_of_the_third_suite_with_a_good_mac_and_bad_padding_is_refused()
    {
        var key = ProvisioningBench.Bytes("part key", 64);
        var nonce = new byte[12];
        nonce[11] = 1;
        foreach (var padding in new byte[] { 0, 2, 17, 255 })
        {
            var clear = ProvisioningBench.Bytes("block", 16);
            clear[15] = padding;
            clear[14] = 0x77;
            Assert.False(TryOpen(PackageSuite.CbcCmac, SealUnpadded(key, nonce, clear), true, 15, out _));
        }

        var good = ProvisioningBench.Bytes("block", 16);
        good[15] = 1;
        Assert.True(TryOpen(PackageSuite.CbcCmac, SealUnpadded(key, nonce, good), true, 15, out var opened));
        Assert.Equal(good[..15], opened);
    }

    [Fact]
    public void A_part_key_has_the_size_of_its_suite()
    {
        Assert.Equal([32, 32, 64], Enum.GetValues<PackageSuite>().Select(PartKey.SizeOf));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PartKey(PackageSuite.CbcCmac, new byte[32]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PartKey(PackageSuite.Gcm, new byte[64]));
    }

    private static PartKey Key(PackageSuite suite) =>
        new(suite, ProvisioningBench.Bytes("part key", PartKey.SizeOf(suite)));

    private static List<byte[]> Seal(PackageSuite suite, params (byte[] Clear, bool Last)[] blocks)
    {
        using var key = Key(suite);
        using var sealer = new PartSealer(key);
        var made = new List<byte[]>();
        foreach (var (clear, last) in blocks)
        {
            var block = new byte[PackageLayout.SealedSize(suite, clear.Length)];
            sealer.Seal(clear, last, block);
            made.Add(block);
        }

        return made;
    }

    private static bool TryOpen(PackageSuite suite, byte[] block, bool last, int size, out byte[] clear)
    {
        clear = new byte[size];
        using var key = Key(suite);
        using var opener = new PartOpener(key);
        return opener.TryOpen(block, last, clear);
    }

    private static byte[] SealUnpadded(byte[] key, byte[] nonce, byte[] clear)
    {
        using var aes = Aes.Create();
        aes.SetKey(key.AsSpan(0, 32));
        var iv = aes.EncryptEcb([.. nonce, 0, 0, 0, 0], PaddingMode.None);
        var ciphertext = aes.EncryptCbc(clear, iv, PaddingMode.None);
        var tag = new byte[AesCmac.TagSize];
        AesCmac.Compute(key.AsSpan(32), (byte[])[.. nonce, .. ciphertext], tag);
        return [.. ciphertext, .. tag];
    }
}
