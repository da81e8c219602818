using Keywright.Protocol;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Images;
using Keywright.Protocol.Keys;

namespace Keywright.Bench;

/// <summary>What a site does for every device's program file: read the bootloader, put its IDs and key in, write it.</summary>
internal static class ImageWork
{
    private const int Size = 64 << 10;

    private static readonly ValidationCode Code = new()
    {
        Name = "crc",
        Address = 0x460,
        Blank = 0xff,
        Algorithm = CodeAlgorithm.Crc32LittleEndian,
        Covers = CodeCoverage.Image,
    };

    public static Row Row()
    {
        var entropy = new DrawnBytes();
        var program = entropy.Draw(Size);
        program.AsSpan(0x400, 0x80).Fill(0xff);
        var image = MemoryImage.Of([(0, program)], null).OrThrow();
        var file = IntelHex.Format.Write(image).OrThrow();
        var plan = ZonePlan.Of([Zone(ZoneContent.Identity, 0x400, 1), Zone(ZoneContent.Key, 0x440, 32)], [Code]).OrThrow();
        DeviceId[] identities = [DeviceId.Parse("356938035643809").OrThrow()];
        Secret[] keys = [DeviceKey.FromBytes(entropy.Draw(DeviceKey.Size))];
        return new Row(
            "Intel HEX of 64 KiB: parse, patch with CRC, write", Unit.Operations, 1,
            () => Make(file, plan, identities, keys), null)
        {
            AimRate = 3000,
        };
    }

    private static ParameterZone Zone(ZoneContent holds, uint address, int minBytes) => new()
    {
        Name = holds == ZoneContent.Key ? "key" : "id",
        Holds = holds,
        Number = 1,
        Address = address,
        MinBytes = minBytes,
        MaxBytes = 32,
        Blank = 0xff,
        Fill = 0x00,
    };

    private static void Make(byte[] file, ZonePlan plan, DeviceId[] identities, Secret[] keys)
    {
        var image = IntelHex.Format.Read(file).OrThrow();
        using var patched = PatchZones.Apply(image, plan, identities, keys).OrThrow();
        using var written = IntelHex.Format.Write(patched).OrThrow();
    }
}
