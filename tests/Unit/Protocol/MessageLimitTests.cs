using Keywright.Protocol;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Keys;

namespace Keywright.UnitTests.Protocol;

public sealed class MessageLimitTests
{
    private static readonly SigningKey Signer = SigningKey.Generate(new SeededEntropy(1));
    private static readonly MacKey Tagger = MacKey.FromBytes(new byte[32]);

    [Fact]
    public void A_message_of_exactly_its_limit_is_read_and_one_byte_more_is_too_large()
    {
        var frame = Message.Sign(new Letter(new byte[300]), Signer).Bytes.Length - 300;
        var longest = Message.Sign(new Letter(new byte[Letter.Type.MaxSizeBytes - frame]), Signer).Bytes;
        Assert.Equal(Letter.Type.MaxSizeBytes, longest.Length);
        Message.Parse<Letter>(longest).OrThrow().VerifySignature(Signer.Public).OrThrow();

        var tooLong = Message.Sign(new Letter(new byte[Letter.Type.MaxSizeBytes - frame + 1]), Signer).Bytes;
        Assert.True(Message.Parse<Letter>(tooLong).Refused(out _, out var why));
        Assert.Equal(Reason.TooLarge, why.Reason);
    }

    [Fact]
    public void Protecting_a_type_as_it_never_comes_is_a_bug() =>
        Assert.Throws<InvalidOperationException>(() => Message.Mac(new Letter(Array.Empty<byte>()), Tagger));

    [Fact]
    public void The_protected_headers_are_algorithm_and_media_type()
    {
        var type = new MessageType("post", Protection.Signature | Protection.Mac, 1024);
        var media = Convert.ToHexStringLower("application/vnd.keywright.post+cose"u8);
        Assert.Equal("application/vnd.keywright.post+cose", type.MediaType);
        Assert.Equal($"a20126107823{media}", Convert.ToHexStringLower(type.Header(Protection.Signature)));
        Assert.Equal($"a20105107823{media}", Convert.ToHexStringLower(type.Header(Protection.Mac)));
    }

    private sealed record Letter(ReadOnlyMemory<byte> Text) : IMessage<Letter>
    {
        public static MessageType Type { get; } = new("letter", Protection.Signature, 1024);

        public static Letter Read(ref CborReader reader)
        {
            reader.Map(2);
            reader.Version(1);
            reader.Key(1);
            var text = reader.Bytes(0, 1024).ToArray();
            reader.EndMap();
            return new Letter(text);
        }

        public void Write(CborWriter writer) => writer.Map(2).Key(0).UInt(1).Key(1).Bytes(Text.Span);
    }
}
