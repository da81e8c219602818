using System.Collections.Immutable;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Keywright.Protocol;
using Keywright.Protocol.KeyDownload;
using Keywright.Protocol.Opening.KeyDownload;
using Keywright.Protocol.Sealing.KeyDownload;

namespace Keywright.UnitTests.Protocol.KeyDownload;

public sealed class KeyBlockTests
{
    private static readonly Arbitrary<ImmutableArray<OptionalBlock>> AnyBlocks = (
        from ids in Gen.Elements("KS", "TS", "KP", "CT", "75", "0A").ListOf()
        let distinct = ids.Distinct().Take(3).ToList()
        from sizes in Gen.Elements(0, 1, 7, 8, 12, 200, 251, 252, 260).ArrayOf(distinct.Count)
        from filler in Gen.Choose(' ', '~')
        select ImmutableArray.CreateRange(
            distinct.Select((id, i) => new OptionalBlock(id, new string((char)filler, sizes[i]))))).ToArbitrary();

    [Theory]
    [InlineData(16, 16)]
    [InlineData(24, 24)]
    [InlineData(32, 32)]
    [InlineData(32, 16)]
    public void A_sealed_key_opens_under_keys_of_every_length(int protectionSize, int keySize)
    {
        using var protection = new UnitKey(new byte[protectionSize]);
        using var key = new ApplicationKey([.. Enumerable.Range(1, keySize).Select(i => (byte)i)]);
        var block = KeyBlockSealer.Seal(protection, Header([]), key, new SeededEntropy(1));
        using var opened = KeyBlockOpener.Open(protection, KeyBlock.Parse(block).OrThrow()).OrThrow();
        Assert.Equal(key.Expose(), opened.Expose());
        Assert.Equal(16 + 96 + 32, block.Length);
    }

    [Fact]
    public void Optional_blocks_of_every_length_come_back_without_their_padding()
    {
        using var protection = new UnitKey(new byte[32]);
        using var key = new ApplicationKey(new byte[16]);
        for (var size = 0; size <= 40; size++)
        {
            var references = new OptionalBlock("75", new string('7', size));
            var header = Header([references, new OptionalBlock("TS", "now")]);
            var block = KeyBlockSealer.Seal(protection, header, key, new SeededEntropy(1));
            var parsed = KeyBlock.Parse(block).OrThrow();
            Assert.Equal(header.Blocks, parsed.Header.Blocks);
            KeyBlockOpener.Open(protection, parsed).OrThrow().Dispose();
        }
    }

    [Fact]
    public void Any_optional_blocks_come_back_as_they_went() => Prop.ForAll(AnyBlocks, blocks =>
    {
        using var protection = new UnitKey(new byte[32]);
        using var key = new ApplicationKey(new byte[16]);
        var block = KeyBlockSealer.Seal(protection, Header(blocks), key, new SeededEntropy(1));
        var parsed = KeyBlock.Parse(block).OrThrow();
        using var opened = KeyBlockOpener.Open(protection, parsed).OrThrow();
        return parsed.Header.Blocks.SequenceEqual(blocks) && (block.Length - 128) % 16 == 0;
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(251, "75FF")]
    [InlineData(252, "7500040106")]
    public void Above_255_characters_a_block_takes_the_extended_form(int size, string head)
    {
        using var protection = new UnitKey(new byte[32]);
        using var key = new ApplicationKey(new byte[16]);
        var header = Header([new OptionalBlock("75", new string('7', size))]);
        var block = Encoding.ASCII.GetString(KeyBlockSealer.Seal(protection, header, key, new SeededEntropy(1)));

        Assert.Equal(head, block[16..(16 + head.Length)]);
    }

    [Fact]
    public void The_same_key_sealed_twice_gives_two_blocks()
    {
        using var protection = new UnitKey(new byte[32]);
        using var key = new ApplicationKey(new byte[16]);
        var entropy = new SeededEntropy(1);
        var first = KeyBlockSealer.Seal(protection, Header([]), key, entropy);
        Assert.NotEqual(first, KeyBlockSealer.Seal(protection, Header([]), key, entropy));
    }

    [Theory]
    [InlineData("d0")]
    [InlineData("D")]
    [InlineData("D00")]
    public void A_header_that_no_reader_takes_is_a_bug(string usage)
    {
        using var protection = new UnitKey(new byte[32]);
        using var key = new ApplicationKey(new byte[16]);
        var header = Header([]) with { Usage = usage };
        Assert.Throws<InvalidOperationException>(
            () => KeyBlockSealer.Seal(protection, header, key, new SeededEntropy(1)));
    }

    [Theory]
    [InlineData("M6AC03N0000")]
    [InlineData("M6AC03N02007508AAAAPB080000")]
    public void The_forms_that_the_next_test_spoils_are_read(string header) =>
        Assert.Equal("M6", KeyBlock.Parse(Block(header)).OrThrow().Header.Usage);

    [Theory]
    [InlineData("m6AC03N0000")]
    [InlineData("M6TC03N0000")]
    [InlineData("M6AC03n0000")]
    [InlineData("M6AC03N0010")]
    [InlineData("M6AC03NX000")]
    [InlineData("M6AC03N-100")]
    [InlineData("M6AC03N0100")]
    [InlineData("M6AC03N01007508AAAAPB080000")]
    [InlineData("M6AC03N03007508AAAAPB080000")]
    [InlineData("M6AC03N02007508AAAA7508AAAA")]
    [InlineData("M6AC03N0200PB0800007508AAAA")]
    [InlineData("M6AC03N02007a08AAAAPB080000")]
    [InlineData("M6AC03N020075o8AAAAPB080000")]
    [InlineData("M6AC03N01007503AAAAAAAAAAAA")]
    [InlineData("M6AC03N010075FFAAAAAAAAAAAA")]
    [InlineData("M6AC03N0100750CAAAAAAAA")]
    [InlineData("M6AC03N02007508AA\tAPB080000")]
    public void A_block_with_a_header_out_of_form_is_refused(string header) => AssertBad(Block(header));

    [Fact]
    public void A_block_with_a_body_out_of_form_is_refused()
    {
        AssertBad([]);
        AssertBad("D0016M6AC03N0000"u8.ToArray());
        AssertBad(Block("M6AC03N0000", encryptedDigits: 0));
        AssertBad(Block("M6AC03N0000", encryptedDigits: 48));
        AssertBad(Block("M6AC03N0000", encryptedDigits: 2 * KeyBlock.MaxSize));
        AssertBad([.. Block("M6AC03N0000"), .. "00"u8]);
        AssertBad([(byte)'B', .. Block("M6AC03N0000")[1..]]);
        AssertBad([.. Block("M6AC03N0000")[..^1], (byte)'a']);
        AssertBad([.. "D-144"u8, .. Block("M6AC03N0000")[5..]]);
    }

    [Fact]
    public void A_block_under_another_key_is_refused()
    {
        using var protection = new UnitKey(new byte[32]);
        using var other = new UnitKey([.. Enumerable.Repeat((byte)1, 32)]);
        using var key = new ApplicationKey(new byte[16]);
        var block = KeyBlockSealer.Seal(protection, Header([]), key, new SeededEntropy(1));
        Assert.True(KeyBlockOpener.Open(other, KeyBlock.Parse(block).OrThrow()).Refused(out _, out var why));
        Assert.Equal(Reason.BadKeyBlock, why.Reason);
    }

    private static KeyBlockHeader Header(ImmutableArray<OptionalBlock> blocks) =>
        new("M6", 'A', 'C', "03", 'N', blocks);

    // A block as long as it says, with zeros for what is encrypted and for its MAC.
    private static byte[] Block(string header, int encryptedDigits = 96)
    {
        var body = new string('0', encryptedDigits + 32);
        return Encoding.ASCII.GetBytes($"D{5 + header.Length + body.Length:D4}{header}{body}");
    }

    private static void AssertBad(byte[] block)
    {
        Assert.True(KeyBlock.Parse(block).Refused(out _, out var why));
        Assert.Equal(Reason.BadKeyBlock, why.Reason);
    }
}
