using Keywright.Protocol.Images;

namespace Keywright.ConformanceTests.Protocol.Images;

/// <summary>GNU objcopy reads what we write, and we read what it writes, to the same bytes.</summary>
[Trait("Req", "T03")]
public sealed class ObjcopyAgreementTests : IDisposable
{
    private const string Objcopy = "arm-none-eabi-objcopy";
    private const string MicroPython = "/usr/share/firmware-microbit-micropython/firmware.hex";

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task The_example_bootloader_is_the_same_in_hex_and_raw()
    {
        SystemPackages.Require("gcc-arm-none-eabi");
        var hex = Repository.PathTo("examples", "firmware", "bootloader.hex");
        await ExternalProgram.Succeed(Objcopy, "-I", "ihex", "-O", "binary", hex, folder.PathTo("raw"));
        var image = IntelHex.Format.Read(await ReadAsync(hex)).OrThrow();

        Assert.Equal(await ReadAsync(folder.PathTo("raw")), new RawBinary(0).Write(image).OrThrow());
        Assert.Equal(
            await ReadAsync(Repository.PathTo("examples", "firmware", "bootloader.bin")),
            new RawBinary(0).Write(image).OrThrow());
    }

    [Fact]
    public async Task Segments_gaps_and_a_page_edge_are_the_same_in_hex_and_raw()
    {
        SystemPackages.Require("gcc-arm-none-eabi");
        var image = MemoryImage.Of(
            [(0x0800FFF1, [.. Enumerable.Range(0, 40).Select(i => (byte)i)]), (0x08010100, [1, 2, 3])],
            new StartAddress(0x0800FFF1, Segmented: false)).OrThrow();
        var hex = folder.Write("image.hex", IntelHex.Format.Write(image).OrThrow());

        await ExternalProgram.Succeed(
            Objcopy, "-I", "ihex", "-O", "binary", "--gap-fill", "0xA5", hex, folder.PathTo("raw"));
        await ExternalProgram.Succeed(Objcopy, "-I", "ihex", "-O", "ihex", hex, folder.PathTo("theirs.hex"));

        Assert.Equal(
            await ReadAsync(folder.PathTo("raw")), new RawBinary(0x0800FFF1, gapFill: 0xA5).Write(image).OrThrow());
        Assert.Equal(image, IntelHex.Format.Read(await ReadAsync(folder.PathTo("theirs.hex"))).OrThrow());
    }

    [Fact]
    public async Task A_published_firmware_keeps_its_bytes_through_our_writer()
    {
        SystemPackages.Require("gcc-arm-none-eabi", "firmware-microbit-micropython");
        var image = IntelHex.Format.Read(await ReadAsync(MicroPython)).OrThrow();
        var ours = folder.Write("ours.hex", IntelHex.Format.Write(image).OrThrow());

        await ExternalProgram.Succeed(Objcopy, "-I", "ihex", "-O", "ihex", ours, folder.PathTo("from-ours.hex"));
        await ExternalProgram.Succeed(Objcopy, "-I", "ihex", "-O", "ihex", MicroPython, folder.PathTo("from-theirs.hex"));

        Assert.Equal(
            await ReadAsync(folder.PathTo("from-theirs.hex")), await ReadAsync(folder.PathTo("from-ours.hex")));
        AssertSame(image, IntelHex.Format.Read(await ReadAsync(folder.PathTo("from-theirs.hex"))).OrThrow());
    }

    [Fact]
    public async Task A_published_firmware_is_the_same_in_raw()
    {
        SystemPackages.Require("gcc-arm-none-eabi", "firmware-microbit-micropython");
        var whole = IntelHex.Format.Read(await ReadAsync(MicroPython)).OrThrow();

        // Its last segments stand 256 MiB higher, in the chip's configuration: a raw file holds the program alone.
        var program = whole.Layout.Segments[0];
        var image = MemoryImage.Of([(program.Address, whole.Content[..program.Length].ToArray())], start: null).OrThrow();
        var hex = folder.Write("program.hex", IntelHex.Format.Write(image).OrThrow());
        await ExternalProgram.Succeed(Objcopy, "-I", "ihex", "-O", "binary", hex, folder.PathTo("raw"));

        Assert.True(program.Length > 128 << 10, "the program is larger than two of its 64 KiB");
        Assert.Equal(await ReadAsync(folder.PathTo("raw")), new RawBinary(program.Address).Write(image).OrThrow());
    }

    // objcopy turns a linear start address below 1 MiB into a segmented one.
    private static void AssertSame(MemoryImage ours, MemoryImage theirs)
    {
        Assert.Equal(ours.Layout.Segments, theirs.Layout.Segments);
        Assert.Equal(ours.Content, theirs.Content);
        Assert.Equal(ours.Layout.Start?.Linear, theirs.Layout.Start?.Linear);
    }

    private static Task<byte[]> ReadAsync(string path) =>
        File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
}
