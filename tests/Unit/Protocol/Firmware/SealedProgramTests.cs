using Keywright.Protocol;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Images;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Opening.Firmware;
using Keywright.Protocol.Sealing;
using Keywright.Protocol.Sealing.Firmware;

namespace Keywright.UnitTests.Protocol.Firmware;

public sealed class SealedProgramTests
{
    private static readonly HpkePrivateKey Kem = HpkePrivateKey.Generate(new SeededEntropy(1));
    private static readonly ChipId Chip = ChipId.FromRandom(new byte[16]);

    [Theory]
    [InlineData(1)]
    [InlineData(BodyShape.ChunkSize - 1)]
    [InlineData(BodyShape.ChunkSize)]
    [InlineData(BodyShape.ChunkSize + 1)]
    [InlineData(3 * BodyShape.ChunkSize)]
    [InlineData(50_000)]
    public void A_chip_finds_in_head_and_image_what_the_station_put_there(int size)
    {
        using var content = Content(size);
        var program = ProgramSealer.Seal(content, Chip, Kem.Public, new SeededEntropy(2));
        using var head = ProgramOpener.OpenHead(program.Head, Chip, Kem).OrThrow();
        Assert.Equal(
            (content.Kid, content.Product, content.DeviceType, content.Encoding, size),
            (head.Kid, head.Product, head.DeviceType, head.Encoding, head.ImageSize));
        Assert.Equal(content.Devices, head.Devices);
        Assert.Equal(content.Key.Expose(), head.Key.Expose());
        Assert.Null(ImageOpener.JudgeSize(head, program.Image.Length));
        Assert.Equal(Reason.BodyMismatch, ImageOpener.JudgeSize(head, program.Image.Length + 1)?.Reason);
        Assert.Equal(content.Image.Expose(), Open(head, program.Image));
    }

    [Fact]
    public void Each_call_draws_a_salt_for_its_image()
    {
        using var content = Content(100);
        var entropy = new SeededEntropy(2);
        var salts = new[] { Salt(), Salt(), Convert.ToHexString(new byte[BodyShape.SaltSize]) };
        Assert.Equal(3, salts.Distinct().Count());

        string Salt() => Convert.ToHexString(
            ProgramSealer.Seal(content, Chip, Kem.Public, entropy).Image.AsSpan(0, BodyShape.SaltSize));
    }

    [Fact]
    public void A_changed_chunk_is_refused_at_once()
    {
        using var content = Content(50_000);
        var program = ProgramSealer.Seal(content, Chip, Kem.Public, new SeededEntropy(2));
        using var head = ProgramOpener.OpenHead(program.Head, Chip, Kem).OrThrow();
        using var opener = ImageOpener.Begin(head, program.Image.AsSpan(0, BodyShape.HeaderSize)).OrThrow();
        var chunk = program.Image.AsSpan(BodyShape.HeaderSize, BodyShape.SealedChunkSize).ToArray();
        chunk[5] ^= 1;
        Assert.True(opener.OpenChunk(chunk, new byte[BodyShape.ChunkSize]).Refused(out _, out var why));
        Assert.Equal(Reason.BodyMismatch, why.Reason);
    }

    /// <summary>Only a head sealed to others too comes near the limit.</summary>
    [Fact]
    public void A_sealed_head_of_exactly_the_limit_is_read_and_one_byte_more_is_too_large()
    {
        const int shortest = 24;
        var longest = shortest + ProgramCommand.MaxSealedHeadBytes - HeadToFour(shortest).Length;
        var head = HeadToFour(longest);
        Assert.Equal(ProgramCommand.MaxSealedHeadBytes, head.Length);
        ProgramOpener.OpenHead(head, Chip, Kem).OrThrow().Dispose();

        Assert.True(ProgramOpener.OpenHead(HeadToFour(longest + 1), Chip, Kem).Refused(out _, out var why));
        Assert.Equal(Reason.TooLarge, why.Reason);
    }

    private static byte[] Open(ProgramHead head, byte[] image)
    {
        using var opener = ImageOpener.Begin(head, image.AsSpan(0, BodyShape.HeaderSize)).OrThrow();
        using var opened = new MemoryStream();
        var chunk = new byte[BodyShape.ChunkSize];
        for (var at = BodyShape.HeaderSize; at < image.Length; at += BodyShape.SealedChunkSize)
        {
            var size = Math.Min(image.Length - at, BodyShape.SealedChunkSize);
            opened.Write(chunk, 0, opener.OpenChunk(image.AsSpan(at, size), chunk).OrThrow());
        }

        Assert.Null(opener.Finish());
        return opened.ToArray();
    }

    private static byte[] HeadToFour(int lastIdLength)
    {
        var entropy = new SeededEntropy(3);
        using var content = Content(
            1, [.. Enumerable.Range(0, 7).Select(i => Id((char)('a' + i), 64)), Id('z', lastIdLength)]);
        using var head = ProgramCommand.Encode(content);
        HpkePublicKey[] recipients = [Kem.Public, Other(11), Other(12), Other(13)];
        return HpkeSealer.Seal(head.Expose(), ProgramCommand.Binding(Chip), recipients, entropy);
    }

    private static HpkePublicKey Other(ulong seed)
    {
        using var key = HpkePrivateKey.Generate(new SeededEntropy(seed));
        return key.Public;
    }

    private static DeviceId Id(char character, int length) =>
        DeviceId.Parse(new string(character, length)).OrThrow();

    private static ProgramContent Content(int size, DeviceId[]? devices = null)
    {
        var image = new byte[size];
        new SeededEntropy(5).Fill(image);
        return new ProgramContent
        {
            Kid = 9,
            Key = DeviceKey.FromBytes([.. Enumerable.Range(1, 32).Select(i => (byte)i)]),
            Devices = devices ?? [Id('4', 15), Id('5', 15)],
            Product = "pump",
            DeviceType = "pump-a",
            Encoding = ImageEncoding.Raw(0x1000),
            Image = new ProgramFile(image),
        };
    }
}
