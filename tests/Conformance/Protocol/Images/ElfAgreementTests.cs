using System.Globalization;
using System.Text.RegularExpressions;
using Keywright.Protocol;
using Keywright.Protocol.Images;

namespace Keywright.ConformanceTests.Protocol.Images;

/// <summary>GNU readelf and objcopy see in an ELF file what we see in it, whoever wrote it.</summary>
[Trait("Req", "T03")]
public sealed partial class ElfAgreementTests : IDisposable
{
    private const string MicroPython = "/usr/share/firmware-microbit-micropython/firmware.hex";

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("qemu_arm")]
    [InlineData("qemu_arm64")]
    [InlineData("qemu-ppce500")]
    [InlineData("qemu-riscv64")]
    [InlineData("qemu-x86")]
    [InlineData("qemu-x86_64")]
    [InlineData("maltael")]
    public async Task Readelf_finds_the_segments_and_the_entry_that_we_find(string board)
    {
        SystemPackages.Require("gcc", "u-boot-qemu");
        var path = $"/usr/lib/u-boot/{board}/uboot.elf";
        await AgreeWithReadelf(path, ImageFormat.Recognise(await ReadAsync(path)).OrThrow());
    }

    [Fact]
    public async Task A_published_file_with_addresses_above_32_bits_is_refused()
    {
        SystemPackages.Require("u-boot-qemu");
        ImageFormat.Recognise(await ReadAsync("/usr/lib/u-boot/malta64el/uboot.elf")).Refused(out _, out var why);

        Assert.Equal(Reason.BadImage, why?.Reason);
    }

    [Fact]
    public async Task A_published_bootloader_is_the_same_in_elf_and_raw()
    {
        SystemPackages.Require("gcc-arm-none-eabi", "u-boot-qemu");
        var elf = await ReadAsync("/usr/lib/u-boot/qemu_arm/uboot.elf");
        var image = ImageFormat.Recognise(elf).OrThrow().Read(elf).OrThrow();
        await ExternalProgram.Succeed(
            "arm-none-eabi-objcopy", "-O", "binary", "/usr/lib/u-boot/qemu_arm/uboot.elf", folder.PathTo("raw"));

        Assert.Equal(await ReadAsync(folder.PathTo("raw")), new RawBinary(0).Write(image).OrThrow());

        var bigEndian = await ReadAsync("/usr/lib/u-boot/qemu-ppce500/uboot.elf");
        var published = await ReadAsync("/usr/lib/u-boot/qemu-ppce500/u-boot.bin");
        var big = ImageFormat.Recognise(bigEndian).OrThrow().Read(bigEndian).OrThrow();
        Assert.Equal(published, new RawBinary(big.Layout.Segments[0].Address).Write(big).OrThrow());
    }

    [Fact]
    public async Task The_example_bootloader_is_the_same_in_elf_and_hex()
    {
        var elf = await ReadAsync(Repository.PathTo("examples", "firmware", "bootloader.elf"));
        var hex = await ReadAsync(Repository.PathTo("examples", "firmware", "bootloader.hex"));

        AssertSame(
            IntelHex.Format.Read(hex).OrThrow(), ImageFormat.Recognise(elf).OrThrow().Read(elf).OrThrow());
    }

    [Theory]
    [InlineData(false, false, 40, "gcc-arm-none-eabi", "arm-none-eabi-objcopy")]
    [InlineData(false, true, 40, "gcc-arm-none-eabi", "arm-none-eabi-objcopy")]
    [InlineData(false, false, 3, "gcc", "objcopy")]
    [InlineData(true, false, 62, "gcc", "objcopy")]
    public async Task What_we_write_is_read_alike_by_readelf_and_objcopy(
        bool is64Bit, bool bigEndian, ushort machine, string package, string objcopy)
    {
        SystemPackages.Require("gcc", package, "firmware-microbit-micropython");
        var image = IntelHex.Format.Read(await ReadAsync(MicroPython)).OrThrow();
        var format = new Elf(new ElfTarget(is64Bit, bigEndian, machine, 0));
        var ours = folder.Write("ours.elf", format.Write(image).OrThrow());
        await ExternalProgram.Succeed(objcopy, "-O", "ihex", ours, folder.PathTo("theirs.hex"));

        AssertSame(image, IntelHex.Format.Read(await ReadAsync(folder.PathTo("theirs.hex"))).OrThrow());
        await AgreeWithReadelf(ours, format);
    }

    private static async Task AgreeWithReadelf(string path, ImageFormat format)
    {
        var file = await ReadAsync(path);
        var said = await ExternalProgram.Succeed("readelf", "-lW", path);
        var pieces = Loads().Matches(said)
            .Select(load => (
                Address: (uint)Number(load, "address"),
                Bytes: file.AsSpan((int)Number(load, "offset"), (int)Number(load, "size")).ToArray()))
            .OrderBy(piece => piece.Address)
            .ToList();
        var entry = (uint)Number(Entry().Match(said), "entry");

        Assert.NotEmpty(pieces);
        AssertSame(
            MemoryImage.Of(pieces, entry == 0 ? null : new StartAddress(entry, Segmented: false)).OrThrow(),
            format.Read(file).OrThrow());
    }

    private static ulong Number(Match match, string name) =>
        ulong.Parse(match.Groups[name].Value, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static void AssertSame(MemoryImage expected, MemoryImage actual)
    {
        Assert.Equal(expected.Layout.Segments, actual.Layout.Segments);
        Assert.Equal(expected.Content, actual.Content);
        Assert.Equal(expected.Layout.Start?.Linear, actual.Layout.Start?.Linear);
    }

    private static Task<byte[]> ReadAsync(string path) =>
        File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);

    [GeneratedRegex(@"LOAD +0x(?<offset>\w+) 0x\w+ 0x(?<address>\w+) 0x(?<size>\w+)")]
    private static partial Regex Loads();

    [GeneratedRegex(@"Entry point 0x(?<entry>\w+)")]
    private static partial Regex Entry();
}
