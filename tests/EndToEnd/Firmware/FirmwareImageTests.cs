using System.Text;
using Keywright.Protocol;
using Keywright.Protocol.Images;
using Keywright.Protocol.Keys;

namespace Keywright.EndToEndTests.Firmware;

/// <summary>The example bootloader, patched for a device by the program generator, runs on an emulated Cortex-M3.</summary>
[Trait("Req", "T03")]
public sealed class FirmwareImageTests : IDisposable
{
    private static readonly MemoryImage Bootloader = IntelHex.Format.Read(Example("bootloader.hex")).OrThrow();

    private static readonly ZonePlan Plan = ZonePlanFile.Read(Example("zones.json")).OrThrow();

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [Trait("Req", "T04")]
    [InlineData("KW-000001", "490154203237518")]
    [InlineData("KW-000002", "12345678901234567890123456789012")]
    public async Task A_patched_bootloader_says_its_own_ids_and_that_it_is_whole(string first, string second)
    {
        using var patched = PatchedFor(first, second);
        using var file = IntelHex.Format.Write(patched).OrThrow();

        var (status, said) = await RunHex(file.Expose());

        Assert.Equal(
            $"Keywright example bootloader 1\nID: {first}\nID: {second}\nkey check: e20116cb\nparameters: ok\ncheck: ok\n",
            said);
        Assert.Equal(0, status);
    }

    [Fact]
    public async Task It_says_the_same_from_a_raw_file()
    {
        using var patched = PatchedFor("KW-000001", "KW-000002");
        using var file = new RawBinary(0).Write(patched).OrThrow();

        var (status, said) = await RunMachine($"file={folder.Write("image.bin", file.Expose())},addr=0,force-raw=on");

        Assert.Contains("\nID: KW-000001\nID: KW-000002\n", said);
        Assert.EndsWith("check: ok\n", said);
        Assert.Equal(0, status);
    }

    [Fact]
    public async Task A_blank_bootloader_has_no_id_and_does_not_pass()
    {
        var (status, said) = await RunHex(Example("bootloader.hex"));

        Assert.Equal(
            "Keywright example bootloader 1\nno ID\nkey check: ff6cab0b\nparameters: bad\ncheck: bad\n", said);
        Assert.Equal(1, status);
    }

    [Theory]
    [InlineData("key", 0x440, "bad")]
    [InlineData("unused room of an ID", 0x43F, "bad")]
    [InlineData("code over the parameters", 0x460, "bad")]
    [InlineData("code over the image", 0x464, "ok")]
    [InlineData("room between the vectors and the zones", 0x200, "ok")]
    public async Task A_flipped_bit_in_the_image_is_found(string where, uint address, string parameters)
    {
        using var patched = PatchedFor("KW-000001", "KW-000002");
        var damaged = patched.Expose().ToArray();
        damaged[address] ^= 1;
        var image = MemoryImage.Of([(0, damaged)], start: null).OrThrow();

        var (status, said) = await RunHex(IntelHex.Format.Write(image).OrThrow());

        Assert.EndsWith($"\nparameters: {parameters}\ncheck: bad\n", said);
        Assert.True(status == 1, where);
    }

    [Fact]
    public async Task The_committed_files_are_what_the_sources_build()
    {
        SystemPackages.Require("gcc-arm-none-eabi", "make");
        var compiler = await ExternalProgram.Succeed("arm-none-eabi-gcc", "--version");
        Assert.SkipUnless(compiler.Contains(" 12.2.1 "), "the committed bootloader was built with gcc 12.2.1");

        await ExternalProgram.Succeed(
            "make", "-C", Repository.PathTo("examples", "firmware"), $"OUT={folder.PathTo("")}");

        foreach (var name in new[] { "bootloader.elf", "bootloader.hex", "bootloader.bin" })
        {
            var built = await File.ReadAllBytesAsync(folder.PathTo(name), TestContext.Current.CancellationToken);
            Assert.True(Example(name).SequenceEqual(built), $"{name} is not what the sources build");
        }
    }

    private static SecretImage PatchedFor(string first, string second)
    {
        using var key = new MadeUpKey(Encoding.ASCII.GetBytes("a made-up key, of 32 bytes, 0001"));
        return PatchZones
            .Apply(Bootloader, Plan, [DeviceId.Parse(first).OrThrow(), DeviceId.Parse(second).OrThrow()], [key])
            .OrThrow();
    }

    private Task<(int Status, string Said)> RunHex(ReadOnlySpan<byte> hex) =>
        RunMachine($"file={folder.Write("image.hex", hex)}");

    private static async Task<(int Status, string Said)> RunMachine(string loader)
    {
        SystemPackages.Require("qemu-system-arm");
        return await ExternalProgram.Run(
            "qemu-system-arm", "-M", "mps2-an385", "-device", $"loader,{loader}", "-nographic", "-monitor", "none",
            "-serial", "stdio", "-semihosting-config", "enable=on,target=native");
    }

    private static byte[] Example(string name) => File.ReadAllBytes(Repository.PathTo("examples", "firmware", name));

    private sealed class MadeUpKey(byte[] bytes) : Secret(bytes);
}
