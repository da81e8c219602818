using System.Buffers.Binary;
using System.Text;
using Keywright.Protocol;
using Keywright.Protocol.KeyDownload;
using Keywright.Protocol.Opening.KeyDownload;

namespace Keywright.UnitTests.Protocol.KeyDownload;

/// <summary>
/// Blocks as somebody with the protection key may make them: authentic, whatever length they state.
/// </summary>
public sealed class KeyBlockLengthTests
{
    private static readonly UnitKey Protection = new(new byte[32]);

    [Theory]
    [InlineData(32, 128)]
    [InlineData(32, 192)]
    [InlineData(48, 256)]
    [InlineData(96, 128)]
    public void A_key_that_fits_into_its_block_is_taken(int clearSize, ushort bits)
    {
        using var key = KeyBlockOpener.Open(Protection, Block(clearSize, bits)).OrThrow();
        Assert.Equal(bits / 8, key.Length);
        Assert.Equal(Filling(clearSize, bits).AsSpan(2, bits / 8), key.Expose());
    }

    [Theory]
    [InlineData(16, 128)]
    [InlineData(16, 256)]
    [InlineData(32, 256)]
    [InlineData(48, 0)]
    [InlineData(48, 16)]
    [InlineData(48, 127)]
    [InlineData(48, 129)]
    [InlineData(48, 160)]
    [InlineData(96, 512)]
    [InlineData(48, 0xffff)]
    public void A_key_longer_than_its_block_or_of_no_aes_length_is_refused(int clearSize, ushort bits)
    {
        Assert.True(KeyBlockOpener.Open(Protection, Block(clearSize, bits)).Refused(out _, out var why));
        Assert.Equal(Reason.BadKeyBlock, why.Reason);
    }

    private static KeyBlock Block(int clearSize, ushort bits)
    {
        var header = KeyBlock.WriteHeader(new KeyBlockHeader("M6", 'A', 'C', "03", 'N', []), clearSize);
        var clear = Filling(clearSize, bits);
        var mac = new byte[KeyBlock.MacSize];
        var encrypted = new byte[clearSize];
        using var keys = new KeyBlockKeys(Protection.Expose());
        keys.Mac(header, clear, mac);
        keys.Encrypt(clear, mac, encrypted);
        var digits = Convert.ToHexString(encrypted) + Convert.ToHexString(mac);
        return KeyBlock.Parse([.. header, .. Encoding.ASCII.GetBytes(digits)]).OrThrow();
    }

    private static byte[] Filling(int clearSize, ushort bits)
    {
        var clear = new byte[clearSize];
        new SeededEntropy(1).Fill(clear);
        BinaryPrimitives.WriteUInt16BigEndian(clear, bits);
        return clear;
    }
}
