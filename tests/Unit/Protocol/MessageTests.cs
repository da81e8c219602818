using System.Numerics;
using Keywright.Protocol;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Keys;

namespace Keywright.UnitTests.Protocol;

public class MessageTests
{
    private static readonly SigningKey Signer = SigningKey.FromScalar(Bytes(32, 7));
    private static readonly MacKey Tagger = MacKey.FromBytes(Bytes(32, 9));

    [Fact]
    public void A_signed_message_is_read_back_and_verified()
    {
        var made = Message.Sign(new Note(42), Signer);
        var read = Message.Parse<Note>(made.Bytes).OrThrow();
        Assert.Equal(42u, read.VerifySignature(Signer.Public).OrThrow().Content.Number);
        Assert.Equal(made.Digest, read.Digest);
    }

    [Fact]
    public void Every_single_bit_change_of_a_message_is_refused()
    {
        foreach (var bytes in new[] { Message.Sign(new Note(42), Signer).Bytes, Message.Mac(new Note(42), Tagger).Bytes })
        {
            foreach (var (_, changed) in SingleBits.Of(bytes.ToArray()))
            {
                Assert.NotNull(Judge(changed));
            }

            Assert.Null(Judge(bytes));
        }
    }

    [Fact]
    public void The_second_form_of_a_signature_that_anyone_can_make_is_refused()
    {
        for (var i = 0u; i < 20; i++)
        {
            var other = Message.Sign(new Note(i), Signer).Bytes.ToArray();
            var order = BigInteger.Parse(
                "0ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
                System.Globalization.NumberStyles.HexNumber,
                System.Globalization.CultureInfo.InvariantCulture);
            var s = new BigInteger(other.AsSpan(other.Length - 32), isUnsigned: true, isBigEndian: true);
            Assert.True(s <= order / 2);
            var twin = (order - s).ToByteArray(isUnsigned: true, isBigEndian: true);
            other.AsSpan(other.Length - 32).Clear();
            twin.CopyTo(other.AsSpan(other.Length - twin.Length));
            Assert.Equal(Reason.BadSignature, Judge(other)?.Reason);
        }
    }

    [Fact]
    public void What_a_sender_wrote_reaches_no_terminal_as_control_characters()
    {
        var refusal = new Refusal(Reason.WrongType, "\u001b[2J\r\nall is well");
        Assert.DoesNotContain(refusal.ToString(), char.IsControl);
    }

    [Fact]
    public void A_proof_of_another_length_is_malformed()
    {
        var bytes = Message.Sign(new Note(1), Signer).Bytes;
        byte[] longer = [.. bytes.Span[..^66], 0x58, 65, .. new byte[65]];
        Assert.Equal(Reason.Malformed, Judge(longer)?.Reason);
    }

    [Fact]
    public void Another_message_type_is_refused_by_that_name()
    {
        var other = Message.Sign(new OtherNote(42), Signer).Bytes;
        Assert.True(Message.Parse<Note>(other).Refused(out _, out var why));
        Assert.Equal(Reason.WrongType, why.Reason);
    }

    [Fact]
    public void A_type_that_must_be_signed_is_refused_under_a_mac()
    {
        var header = Convert.FromHexString("a20105107829");
        byte[] protectedHeader = [.. header, .. "application/vnd.keywright.other-note+cose"u8];
        using var writer = new CborWriter();
        writer.Array(4).Bytes(protectedHeader).Map(0).Bytes([0xa2, 0x00, 0x01, 0x01, 0x00]).Bytes(new byte[32]);
        Assert.True(Message.Parse<OtherNote>(writer.ToArray()).Refused(out _, out var why));
        Assert.Equal(Reason.WrongAlgorithm, why.Reason);
    }

    [Fact]
    public void A_message_above_its_limit_is_not_even_looked_at()
    {
        Assert.True(Message.Parse<Note>(new byte[Note.Type.MaxSizeBytes + 1]).Refused(out _, out var why));
        Assert.Equal(Reason.TooLarge, why.Reason);
    }

    [Fact]
    public void A_signature_by_another_key_and_a_mac_by_another_key_are_told_apart()
    {
        using var stranger = SigningKey.FromScalar(Bytes(32, 8));
        using var strangerMac = MacKey.FromBytes(Bytes(32, 8));
        var signed = Message.Parse<Note>(Message.Sign(new Note(1), stranger).Bytes).OrThrow();
        var tagged = Message.Parse<Note>(Message.Mac(new Note(1), strangerMac).Bytes).OrThrow();
        Assert.Equal(Reason.BadSignature, Why(signed.VerifySignature(Signer.Public)));
        Assert.Equal(Reason.BadMac, Why(tagged.VerifyMac(Tagger)));
        Assert.Equal(Reason.WrongAlgorithm, Why(tagged.VerifySignature(Signer.Public)));
        Assert.Equal(Reason.WrongAlgorithm, Why(signed.VerifyMac(Tagger)));
    }

    private static Refusal? Judge(ReadOnlyMemory<byte> bytes)
    {
        if (Message.Parse<Note>(bytes).Refused(out var unverified, out var why))
        {
            return why;
        }

        var verdict = unverified.Protection == Protection.Signature
            ? unverified.VerifySignature(Signer.Public)
            : unverified.VerifyMac(Tagger);
        return verdict.Refused(out _, out why) ? why : null;
    }

    private static Reason Why<T>(Outcome<T> outcome)
        where T : notnull => outcome.Refused(out _, out var why) ? why.Reason : throw new InvalidOperationException("accepted");

    private static byte[] Bytes(int count, byte value) => Enumerable.Repeat(value, count).ToArray();

    private sealed record Note(uint Number) : IMessage<Note>
    {
        public static MessageType Type { get; } = new("note", Protection.Signature | Protection.Mac, 1024);

        public static Note Read(ref CborReader reader) => new(ReadNumber(ref reader));

        public void Write(CborWriter writer) => writer.Map(2).Key(0).UInt(1).Key(1).UInt(Number);
    }

    private sealed record OtherNote(uint Number) : IMessage<OtherNote>
    {
        public static MessageType Type { get; } = new("other-note", Protection.Signature, 1024);

        public static OtherNote Read(ref CborReader reader) => new(ReadNumber(ref reader));

        public void Write(CborWriter writer) => writer.Map(2).Key(0).UInt(1).Key(1).UInt(Number);
    }

    private static uint ReadNumber(ref CborReader reader)
    {
        reader.Map(2);
        reader.Version(1);
        reader.Key(1);
        var number = reader.UInt32();
        reader.EndMap();
        return number;
    }
}
