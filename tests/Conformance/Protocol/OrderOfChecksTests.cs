using Keywright.Protocol;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Opening;

namespace Keywright.ConformanceTests.Protocol;

/// <summary>
/// Inputs that break two rules at once. What is expected is the earlier rule of the page, which is also what
/// readers/python and device-c say.
/// </summary>
public sealed class OrderOfChecksTests
{
    private const int A256Gcm = 3;
    private const int HpkeKe = 53;

    private static readonly HpkePrivateKey Own = HpkePrivateKey.Generate(new SeededEntropy(1));
    private static readonly SealKey Key = SealKey.FromBytes(new byte[32]);

    private delegate T Read<T>(ref CborReader reader);

    // wire.md §6: "all arrays with their byte strings; then the headers one by one, each with its algorithm".
    [Fact]
    public void En_a_byte_after_the_message_comes_before_the_algorithm_of_a_recipient() =>
        Assert.Equal(Reason.Malformed, OpenEn([.. En(ContentHeader(), Recipient(HpkeKe + 1)), 0x00]));

    [Fact]
    public void En_the_array_of_the_second_recipient_comes_before_the_header_of_the_first() =>
        Assert.Equal(Reason.Malformed, OpenEn(En(ContentHeader(), Recipient(HpkeKe + 1), [0x80])));

    [Fact]
    public void En_the_header_of_the_content_comes_before_those_of_recipients() =>
        Assert.Equal(Reason.Malformed, OpenEn(En([0xa0], Recipient(HpkeKe + 1))));

    [Fact]
    public void En_the_size_of_a_header_is_no_limit_of_its_own() =>
        Assert.Equal(Reason.Malformed, OpenEn(En([.. ContentHeader(), .. new byte[60]], Recipient(HpkeKe))));

    [Fact]
    public void E0_the_size_of_a_header_is_no_limit_of_its_own()
    {
        using var writer = new CborWriter();
        writer.Array(3).Bytes([.. ContentHeader(), .. new byte[60]]).Map(0).Bytes(new byte[20]);
        Assert.Equal(Reason.Malformed, ReasonOf(Encrypt0Opener.Open(Key, [], writer.ToArray(), 100)));
    }

    // wire.md §4 step 3: "typ, however long → wrong-type".
    [Fact]
    public void Typ_of_200_characters_is_another_type() =>
        Assert.Equal(Reason.WrongType, ParseTake(Header(5, new string('x', 200)), TakePayload(7, 1)));

    [Fact]
    public void Typ_without_a_character_is_another_type() =>
        Assert.Equal(Reason.WrongType, ParseTake(Header(5, string.Empty), TakePayload(7, 1)));

    [Fact]
    public void An_algorithm_above_32_bits_is_an_unknown_one() =>
        Assert.Equal(
            Reason.WrongAlgorithm,
            ParseTake(Header(1L << 32, "application/vnd.keywright.take+cose"), TakePayload(7, 1)));

    [Fact]
    public void The_header_comes_before_an_empty_payload() =>
        Assert.Equal(Reason.WrongAlgorithm, ParseTake(Header(6, "application/vnd.keywright.take+cose"), []));

    // wire.md §2: "a field that is missing … is malformed where it is met"; §4 step 5: version first.
    [Fact]
    public void Another_version_with_fewer_fields_is_another_version() =>
        Assert.Equal(
            Reason.WrongVersion,
            ParseTake(Header(5, "application/vnd.keywright.take+cose"), TakePayload(6, 2)));

    [Fact]
    public void A_large_version_is_another_version() =>
        Assert.Equal(
            Reason.WrongVersion,
            ParseTake(Header(5, "application/vnd.keywright.take+cose"), TakePayload(7, 1UL << 32)));

    // wire.md §2: "of an item the head decides … above the limit; below it", §4: field by field in key order.
    [Fact]
    public void Claim_n_comes_before_the_product()
    {
        using var writer = new CborWriter();
        writer.Map(8).Key(0).UInt(1).Key(1).Text("A").Key(2).UInt(1).Key(3).UInt(0).Key(4).Bytes(new byte[32])
            .Key(6).Text(new string('p', 33)).Key(8).Array(0).Key(9).Bytes(new byte[16]);
        Assert.Equal(Reason.Malformed, Judge(writer.ToArray(), Claim.Read));
    }

    [Fact]
    public void Grant_n_comes_before_the_mode()
    {
        using var writer = new CborWriter();
        writer.Map(7).Key(0).UInt(1).Key(1).Bytes(new byte[32]).Key(2).UInt(0).Key(3).Bytes(new byte[32])
            .Key(4).UInt(1).Key(5).UInt(2).Key(6).Bytes(new byte[32]);
        Assert.Equal(Reason.Malformed, Judge(writer.ToArray(), Grant.Read));
    }

    [Fact]
    public void Refusal_n_comes_before_the_condition()
    {
        using var writer = new CborWriter();
        writer.Map(4).Key(0).UInt(1).Key(1).Bytes(new byte[32]).Key(2).UInt(0).Key(3).UInt(7);
        Assert.Equal(Reason.Malformed, Judge(writer.ToArray(), DeliveryRefusal.Read));
    }

    [Fact]
    public void Done_n_comes_before_the_result()
    {
        using var writer = new CborWriter();
        writer.Map(5).Key(0).UInt(1).Key(1).Bytes(new byte[32]).Key(2).UInt(0).Key(3).UInt(3).Key(4).Array(0);
        Assert.Equal(Reason.Malformed, Judge(writer.ToArray(), Done.Read));
    }

    [Fact]
    public void Resume_r_comes_before_n()
    {
        using var writer = new CborWriter();
        writer.Map(7).Key(0).UInt(1).Key(1).Text("A").Key(2).UInt(1).Key(3).UInt(0).Key(4).UInt(1UL << 63)
            .Key(5).Bytes(new byte[16]).Key(6).Bytes(new byte[16]);
        Assert.Equal(Reason.Malformed, Judge(writer.ToArray(), Resume.Read));
    }

    [Fact]
    public void Head_content_the_kind_comes_before_the_size()
    {
        using var writer = new CborWriter();
        writer.Map(10).Key(0).UInt(1).Key(1).UInt(1).Key(2).Bytes(new byte[32]).Key(3).Array(1).Text("A")
            .Key(4).Text("p").Key(5).Text("t").Key(6).UInt(0).Key(7).UInt(0).Key(8).Bytes(new byte[32])
            .Key(9).UInt(5_000_000);
        Assert.Equal(Reason.Malformed, ReasonOf(ProgramCommand.Decode(writer.Written)));
    }

    private static Reason? ParseTake(byte[] header, byte[] payload)
    {
        using var writer = new CborWriter();
        writer.Array(4).Bytes(header).Map(0).Bytes(payload).Bytes(new byte[32]);
        return ReasonOf(Message.Parse<Take>(writer.ToArray()));
    }

    private static byte[] Header(long algorithm, string typ)
    {
        using var writer = new CborWriter();
        return writer.Map(2).Key(1).Int(algorithm).Key(16).Text(typ).ToArray();
    }

    private static byte[] TakePayload(int fields, ulong version)
    {
        using var writer = new CborWriter();
        writer.Map(fields).Key(0).UInt(version).Key(1).Text("s").Key(2).UInt(0).Key(3).Text("t")
            .Key(4).Bytes(new byte[32]).Key(5).Bytes([1, .. new byte[16]]);
        return fields == 7 ? writer.Key(6).Bytes(Own.Public.Bytes).ToArray() : writer.ToArray();
    }

    private static byte[] ContentHeader()
    {
        using var writer = new CborWriter();
        return writer.Map(2).Key(1).Int(A256Gcm).Key(5).Bytes(new byte[12]).ToArray();
    }

    private static byte[] Recipient(int algorithm)
    {
        using var header = new CborWriter();
        header.Map(2).Key(1).Int(algorithm).Key(4).Digest(Own.Public.Id);
        using var writer = new CborWriter();
        return writer.Array(3).Bytes(header.Written).Map(1).Key(-4).Bytes(Own.Public.Bytes).Bytes(new byte[48])
            .ToArray();
    }

    private static byte[] En(byte[] header, params byte[][] recipients)
    {
        using var writer = new CborWriter();
        writer.Array(4).Bytes(header).Map(0).Bytes(new byte[20]).Array(recipients.Length);
        foreach (var recipient in recipients)
        {
            writer.Raw(recipient);
        }

        return writer.ToArray();
    }

    private static Reason? OpenEn(byte[] message) => ReasonOf(HpkeOpener.Open(message, [0x80], Own, 100));

    private static Reason? Judge<T>(byte[] payload, Read<T> read)
    {
        var reader = new CborReader(payload);
        read(ref reader);
        return reader.Finish()?.Reason;
    }

    private static Reason? ReasonOf<T>(Outcome<T> outcome)
        where T : notnull =>
        outcome.Refused(out _, out var why) ? why.Reason : null;
}
