using Keywright.Protocol;
using Keywright.Protocol.Images;
using Keywright.Protocol.Keys;

namespace Keywright.UnitTests.Protocol.Images;

[Trait("Req", "T03")]
public class PatchZonesTests
{
    private const byte Blank = 0xFF;

    private static readonly ParameterZone Identity = new()
    {
        Name = "id",
        Address = 4,
        MinBytes = 1,
        MaxBytes = 8,
        Blank = Blank,
        Fill = 0,
        Holds = ZoneContent.Identity,
        Number = 1,
    };

    private static readonly ParameterZone Key = Identity with
    {
        Name = "key",
        Address = 12,
        MinBytes = 4,
        MaxBytes = 4,
        Holds = ZoneContent.Key,
    };

    private static readonly ValidationCode Code = new()
    {
        Name = "crc",
        Address = 16,
        Blank = Blank,
        Algorithm = CodeAlgorithm.Crc32LittleEndian,
        Covers = CodeCoverage.Image,
    };

    private static readonly ZonePlan Plan = ZonePlan.Of([Key, Identity], [Code]).OrThrow();

    private static readonly MemoryImage Bootloader = new RawBinary(0)
        .Read([1, 2, 3, 4, .. Enumerable.Repeat(Blank, 16), 5, 6]).OrThrow();

    private static readonly DeviceId Id = DeviceId.Parse("KW-7").OrThrow();

    [Fact]
    public void Nothing_but_the_zones_changes()
    {
        using var key = new MadeUpKey([9, 8, 7, 6]);

        using var patched = PatchZones.Apply(Bootloader, Plan, [Id], [key]).OrThrow();

        var content = patched.Expose();
        Assert.Equal([1, 2, 3, 4, .. "KW-7"u8, 0, 0, 0, 0, 9, 8, 7, 6], content[..16].ToArray());
        Assert.Equal([5, 6], content[20..].ToArray());
        Assert.Same(Bootloader.Layout, patched.Layout);
    }

    [Fact]
    public void The_bootloader_stays_blank_for_the_next_device()
    {
        using var key = new MadeUpKey([9, 8, 7, 6]);
        PatchZones.Apply(Bootloader, Plan, [Id], [key]).OrThrow().Dispose();

        Assert.Equal(16, Bootloader.Content.Count(Blank));
    }

    [Fact]
    public void A_bootloader_that_was_filled_before_is_refused()
    {
        using var key = new MadeUpKey([9, 8, 7, 6]);
        using var patched = PatchZones.Apply(Bootloader, Plan, [Id], [key]).OrThrow();
        var again = new RawBinary(0).Read(patched.Expose()).OrThrow();

        PatchZones.Apply(again, Plan, [Id], [key]).Refused(out _, out var why);

        Assert.Equal(Reason.ZoneTooSmall, why?.Reason);
        Assert.Contains("not blank", why?.Detail);
    }

    [Fact]
    public void The_code_differs_with_every_bit_of_key_and_id()
    {
        var codes = new HashSet<uint>();
        for (var bit = -1; bit < 32; bit++)
        {
            byte[] bytes = [9, 8, 7, 6];
            if (bit >= 0)
            {
                bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            }

            codes.Add(CodeFor(bytes, Id));
        }

        codes.Add(CodeFor([9, 8, 7, 6], DeviceId.Parse("KW-8").OrThrow()));

        Assert.Equal(34, codes.Count);
    }

    [Fact]
    public void A_refusal_does_not_tell_the_key()
    {
        using var key = new MadeUpKey("secret"u8.ToArray());

        PatchZones.Apply(Bootloader, Plan, [Id], [key]).Refused(out _, out var why);

        Assert.Equal(Reason.ZoneTooSmall, why?.Reason);
        Assert.Equal("key takes 4 bytes at most, got 6", why?.Detail);
    }

    [Fact]
    public void A_patched_image_is_wiped_when_disposed()
    {
        using var key = new MadeUpKey([9, 8, 7, 6]);
        var patched = PatchZones.Apply(Bootloader, Plan, [Id], [key]).OrThrow();
        var content = patched.Expose();

        patched.Dispose();

        Assert.False(content.ContainsAnyExcept((byte)0));
        Assert.Throws<ObjectDisposedException>(() => patched.Expose().Length);
    }

    private static uint CodeFor(byte[] keyBytes, DeviceId id)
    {
        using var key = new MadeUpKey(keyBytes);
        using var patched = PatchZones.Apply(Bootloader, Plan, [id], [key]).OrThrow();
        return BitConverter.ToUInt32(patched.Expose().Slice((int)Code.Address, Code.Length));
    }

    private sealed class MadeUpKey(byte[] bytes) : Secret(bytes);
}
