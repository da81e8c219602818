using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Keywright.Protocol.Keys;

namespace Keywright.Protocol.Images;

/// <summary>
/// The program generator (docs/spec/images.md §6): puts a device's IDs and keys into the reserved zones of a
/// bootloader, and then the validation codes over them.
/// </summary>
public static class PatchZones
{
    /// <summary>
    /// Gives the bootloader of one device. Identity and key number n of the plan are the n-th of the lists; what the
    /// plan does not name is left out. Refused, in this order: <c>zone-too-small</c> for a zone that is not inside the
    /// image or is not blank there; then, zone by zone, <c>missing-input</c> for a value that was not given,
    /// <c>zone-too-small</c> for one shorter than its minimum or longer than its maximum.
    /// </summary>
    public static Outcome<SecretImage> Apply(
        MemoryImage bootloader, ZonePlan plan, IReadOnlyList<DeviceId> identities, IReadOnlyList<Secret> keys)
    {
        if (JudgeFit(bootloader, plan) is { } misfit)
        {
            return misfit;
        }

        using var content = new WipedBuffer(bootloader.Layout.ContentLength);
        bootloader.Content.CopyTo(content.Bytes);
        foreach (var zone in plan.Parameters)
        {
            var room = RoomOf(bootloader.Layout, content.Bytes, zone.Address, zone.MaxBytes);
            var fault = zone.Holds == ZoneContent.Key
                ? PutKey(zone, keys, room)
                : PutIdentity(zone, identities, room);
            if (fault is not null)
            {
                return fault;
            }
        }

        PutCodes(bootloader.Layout, plan, content.Bytes);
        return new SecretImage(bootloader.Layout, content);
    }

    /// <summary>Null when the plan fits the image. Refused: <c>bad-image</c>, as by <see cref="Apply"/>.</summary>
    public static Refusal? JudgeFit(MemoryImage bootloader, ZonePlan plan)
    {
        foreach (var zone in plan.Parameters)
        {
            if (JudgeZone(bootloader, zone.Name, zone.Address, zone.MaxBytes, zone.Blank) is { } fault)
            {
                return fault;
            }
        }

        foreach (var code in plan.Codes)
        {
            if (JudgeZone(bootloader, code.Name, code.Address, code.Length, code.Blank) is { } fault)
            {
                return fault;
            }
        }

        return null;
    }

    private static Refusal? JudgeZone(MemoryImage bootloader, string name, uint address, int length, byte blank)
    {
        if (!bootloader.Layout.TryLocate(address, length, out var offset))
        {
            return new Refusal(Reason.ZoneTooSmall, $"{name} at 0x{address:X8} lies outside the image");
        }

        return bootloader.Content.Slice(offset, length).ContainsAnyExcept(blank)
            ? new Refusal(Reason.ZoneTooSmall, $"{name} at 0x{address:X8} is not blank (0x{blank:X2}) in the image")
            : null;
    }

    private static Refusal? PutKey(ParameterZone zone, IReadOnlyList<Secret> keys, Span<byte> room) =>
        zone.Number > keys.Count ? Missing(zone) : Put(zone, keys[zone.Number - 1].Expose(), room);

    private static Refusal? PutIdentity(ParameterZone zone, IReadOnlyList<DeviceId> identities, Span<byte> room) =>
        zone.Number > identities.Count
            ? Missing(zone)
            : Put(zone, Encoding.ASCII.GetBytes(identities[zone.Number - 1].ToString()), room);

    private static Refusal? Put(ParameterZone zone, ReadOnlySpan<byte> value, Span<byte> room)
    {
        if (value.Length < zone.MinBytes)
        {
            return new Refusal(
                Reason.ZoneTooSmall, $"{zone.Name} takes {zone.MinBytes} bytes at least, got {value.Length}");
        }

        if (value.Length > zone.MaxBytes)
        {
            return new Refusal(
                Reason.ZoneTooSmall, $"{zone.Name} takes {zone.MaxBytes} bytes at most, got {value.Length}");
        }

        value.CopyTo(room);
        room[value.Length..].Fill(zone.Fill);
        return null;
    }

    /// <summary>Codes over the parameters first: those over the image cover them.</summary>
    private static void PutCodes(ImageLayout layout, ZonePlan plan, Span<byte> content)
    {
        var parameters = plan.Parameters.Select(zone => Locate(layout, zone.Address, zone.MaxBytes)).ToArray();
        foreach (var code in plan.Codes.Where(code => code.Covers == CodeCoverage.Parameters))
        {
            PutCode(code, parameters, content, RoomOf(layout, content, code.Address, code.Length));
        }

        var overImage = plan.Codes.Where(code => code.Covers == CodeCoverage.Image).ToImmutableArray();
        var allButCodes = AllBut(overImage.Select(code => Locate(layout, code.Address, code.Length)), content.Length);
        foreach (var code in overImage)
        {
            PutCode(code, allButCodes, content, RoomOf(layout, content, code.Address, code.Length));
        }
    }

    private static void PutCode(ValidationCode code, Range[] covered, ReadOnlySpan<byte> content, Span<byte> room)
    {
        if (code.Algorithm == CodeAlgorithm.Sha256)
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (var range in covered)
            {
                hash.AppendData(content[range]);
            }

            hash.GetHashAndReset(room);
            return;
        }

        var crc = new Crc32();
        foreach (var range in covered)
        {
            crc.Append(content[range]);
        }

        if (code.Algorithm == CodeAlgorithm.Crc32LittleEndian)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(room, crc.Value);
        }
        else
        {
            BinaryPrimitives.WriteUInt32BigEndian(room, crc.Value);
        }
    }

    private static Range[] AllBut(IEnumerable<Range> ascending, int length)
    {
        var kept = new List<Range>();
        var from = 0;
        foreach (var gap in ascending)
        {
            kept.Add(from..gap.Start.Value);
            from = gap.End.Value;
        }

        kept.Add(from..length);
        return [.. kept];
    }

    private static Span<byte> RoomOf(ImageLayout layout, Span<byte> content, uint address, int length) =>
        content[Locate(layout, address, length)];

    private static Range Locate(ImageLayout layout, uint address, int length) =>
        layout.TryLocate(address, length, out var offset)
            ? offset..(offset + length)
            : throw new InvalidOperationException("A zone was used before it was judged.");

    private static Refusal Missing(ParameterZone zone) =>
        new(Reason.MissingInput, $"{zone.Name} needs {zone.Holds} {zone.Number}, which was not given");
}
