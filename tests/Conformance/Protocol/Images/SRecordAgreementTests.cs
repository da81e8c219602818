using Keywright.Protocol;
using Keywright.Protocol.Images;

namespace Keywright.ConformanceTests.Protocol.Images;

/// <summary>
/// GNU objcopy reads the S-records that we write, and we read those that it writes, to the same image.
/// </summary>
[Trait("Req", "T03")]
public sealed class SRecordAgreementTests : IDisposable
{
    private const string Objcopy = "arm-none-eabi-objcopy";
    private const string Bootloaders = "/usr/share/arduino/hardware/arduino/avr/bootloaders";

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("firmware-microbit-micropython", "/usr/share/firmware-microbit-micropython/firmware.hex")]
    [InlineData("arduino-core-avr", Bootloaders + "/optiboot/optiboot_atmega8.hex")]
    [InlineData("arduino-core-avr", Bootloaders + "/stk500v2/stk500boot_v2_mega2560.hex")]
    public async Task A_published_firmware_is_the_same_in_hex_and_s_records(string package, string path)
    {
        SystemPackages.Require("gcc-arm-none-eabi", package);
        await AgreeAbout(IntelHex.Format.Read(await ReadAsync(path)).OrThrow());
    }

    [Theory]
    [InlineData(0xFFF0u, 0x10)]
    [InlineData(0xFFF0u, 0x11)]
    [InlineData(0xFFFFF8u, 9)]
    [InlineData(0xFFFFFFF0u, 0x10)]
    public async Task Each_type_of_record_is_the_same_at_its_edge(uint address, int size)
    {
        SystemPackages.Require("gcc-arm-none-eabi");
        var bytes = Enumerable.Range(1, size).Select(i => (byte)i).ToArray();
        await AgreeAbout(MemoryImage.Of([(0x10, [7]), (address, bytes)], new(address + 1, false)).OrThrow());
    }

    [Theory]
    [InlineData("optiboot_atmega328.hex")]
    [InlineData("optiboot_atmega168.hex")]
    public async Task A_published_file_that_says_two_things_of_one_address_is_refused(string file)
    {
        // Grown over the end of its section, it has the bytes below the version word twice.
        SystemPackages.Require("arduino-core-avr");
        IntelHex.Format.Read(await ReadAsync($"{Bootloaders}/optiboot/{file}")).Refused(out _, out var why);

        Assert.Equal(Reason.BadImage, why?.Reason);
        Assert.Contains("overlaps", why?.Detail);
    }

    private async Task AgreeAbout(MemoryImage image)
    {
        var hex = folder.Write("image.hex", IntelHex.Format.Write(image).OrThrow());
        var ours = folder.Write("ours.srec", SRecord.Format.Write(image).OrThrow());
        await ExternalProgram.Succeed(Objcopy, "-I", "ihex", "-O", "srec", hex, folder.PathTo("theirs.srec"));
        await ExternalProgram.Succeed(Objcopy, "-I", "srec", "-O", "ihex", ours, folder.PathTo("theirs.hex"));

        AssertSame(image, SRecord.Format.Read(await ReadAsync(folder.PathTo("theirs.srec"))).OrThrow());
        AssertSame(image, IntelHex.Format.Read(await ReadAsync(folder.PathTo("theirs.hex"))).OrThrow());
    }

    // objcopy turns a linear start address below 1 MiB into a segmented one, and S-records have only linear ones.
    private static void AssertSame(MemoryImage ours, MemoryImage theirs)
    {
        Assert.Equal(ours.Layout.Segments, theirs.Layout.Segments);
        Assert.Equal(ours.Content, theirs.Content);
        Assert.Equal(ours.Layout.Start?.Linear, theirs.Layout.Start?.Linear);
    }

    private static Task<byte[]> ReadAsync(string path) =>
        File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
}
