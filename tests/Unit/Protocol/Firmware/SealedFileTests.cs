using Keywright.Protocol;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Images;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Opening.Firmware;
using Keywright.Protocol.Sealing.Firmware;

namespace Keywright.UnitTests.Protocol.Firmware;

public sealed class SealedFileTests
{
    private static readonly SigningKey Site = SigningKey.Generate(new SeededEntropy(1));
    private static readonly HpkePrivateKey Fresh = HpkePrivateKey.Generate(new SeededEntropy(2));
    private static readonly HpkePrivateKey Kem = HpkePrivateKey.Generate(new SeededEntropy(3));
    private static readonly TurnKey Turn = TurnKey.FromBytes(new byte[32]);
    private static readonly ChipId Chip = ChipId.FromRandom(new byte[16]);
    private static readonly SiteEpoch Epoch = new([.. Enumerable.Range(1, 16).Select(i => (byte)i)]);
    private static readonly DeviceId[] Devices =
        [DeviceId.Parse("490154203237518").OrThrow(), DeviceId.Parse("490154203237526").OrThrow()];

    public static TheoryData<ImageEncoding> Encodings { get; } =
        [ImageEncoding.Hex, ImageEncoding.Raw(0), ImageEncoding.Raw(uint.MaxValue)];

    [Theory]
    [MemberData(nameof(Encodings))]
    public void A_station_finds_in_its_file_what_the_site_put_there(ImageEncoding encoding)
    {
        using var content = Content(encoding);
        var take = TakeOf(Chip);
        var bytes = FileSealer.Seal(content, take, Kem.Public, Epoch, 77, Site, new SeededEntropy(4)).Bytes;
        var file = FileOpener.Verify(bytes, take, Epoch, Site.Public).OrThrow();
        var said = file.Content;
        Assert.Equal((take.Digest, Epoch, Chip, 77uL), (said.Take, said.Epoch, said.Chip, said.Serial));
        Assert.Equal(Devices, said.Devices);
        Assert.Equal(Kem.Public, said.ChipKey);

        using var opened = FileOpener.Open(file, Fresh, Turn).OrThrow();
        Assert.Equal(
            (content.Kid, content.Product, content.DeviceType, content.Encoding),
            (opened.Kid, opened.Product, opened.DeviceType, opened.Encoding));
        Assert.Equal(content.Devices, opened.Devices);
        Assert.Equal(content.Key.Expose(), opened.Key.Expose());
        Assert.Equal(content.Image.Expose(), opened.Image.Expose());
    }

    [Fact]
    public void A_file_does_not_show_the_devices_key_or_program()
    {
        using var content = Content(ImageEncoding.Hex);
        var take = TakeOf(Chip);
        var bytes = FileSealer.Seal(content, take, Kem.Public, Epoch, 77, Site, new SeededEntropy(4)).Bytes;
        Assert.Equal(-1, bytes.Span.IndexOf(content.Key.Expose()));
        Assert.Equal(-1, bytes.Span.IndexOf(content.Image.Expose()[..16]));
    }

    private static ProgramContent Content(ImageEncoding encoding)
    {
        var image = new byte[3000];
        new SeededEntropy(5).Fill(image);
        return new ProgramContent
        {
            Kid = 9,
            Key = Turn.DeviceKey(Devices[0], Chip),
            Devices = Devices,
            Product = "pump",
            DeviceType = "pump-a",
            Encoding = encoding,
            Image = new ProgramFile(image),
        };
    }

    private static Verified<Take> TakeOf(ChipId chip)
    {
        using var key = MacKey.FromBytes(new byte[MacKey.Size]);
        var take = new Take
        {
            Station = "line-1",
            Turn = 5,
            DeviceType = "pump-a",
            Order = Digest.Zero,
            Chip = chip,
            Fresh = Fresh.Public,
        };
        return Message.Mac(take, key);
    }
}
