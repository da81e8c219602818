using System.Collections.Immutable;

namespace Keywright.Protocol.Images;

/// <summary>
/// What the program generator is told about a bootloader (docs/spec/images.md §5): its parameter zones and its
/// validation codes. A plan that exists is consistent in itself; whether it fits an image, <see cref="PatchZones"/>
/// judges.
/// </summary>
public sealed class ZonePlan
{
    /// <summary>The largest number of parameters, and of codes.</summary>
    public const int MaxZones = 32;

    /// <summary>The largest zone, in bytes.</summary>
    public const int MaxZoneBytes = 65536;

    /// <summary>The largest number of a device's ID or key.</summary>
    public const int MaxNumber = 16;

    private const int MaxNameLength = 32;

    private ZonePlan(ImmutableArray<ParameterZone> parameters, ImmutableArray<ValidationCode> codes)
    {
        Parameters = parameters;
        Codes = codes;
    }

    /// <summary>The parameter zones, in ascending address order.</summary>
    public ImmutableArray<ParameterZone> Parameters { get; }

    /// <summary>The validation codes, in ascending address order.</summary>
    public ImmutableArray<ValidationCode> Codes { get; }

    /// <summary>
    /// Judges a plan, in the order of §5.1. Refused: <c>too-large</c> above 32 parameters or 32 codes;
    /// <c>malformed</c> for no parameter, a bad or repeated name, sizes or numbers out of bounds, a fill that could be
    /// part of an ID, a zone above 2³², or zones that overlap.
    /// </summary>
    public static Outcome<ZonePlan> Of(IEnumerable<ParameterZone> parameters, IEnumerable<ValidationCode> codes)
    {
        var zones = parameters.OrderBy(zone => zone.Address).ToImmutableArray();
        var checks = codes.OrderBy(code => code.Address).ToImmutableArray();
        if (zones.Length > MaxZones || checks.Length > MaxZones)
        {
            return new Refusal(Reason.TooLarge, $"more than {MaxZones} parameters or codes");
        }

        if (zones.IsEmpty)
        {
            return Bad("a plan without a parameter");
        }

        var fault = JudgeNames([.. zones.Select(zone => zone.Name), .. checks.Select(code => code.Name)])
            ?? zones.Select(Judge).FirstOrDefault(found => found is not null)
            ?? checks.Select(Judge).FirstOrDefault(found => found is not null)
            ?? JudgeOverlap(zones, checks);
        return fault is null ? new ZonePlan(zones, checks) : fault;
    }

    private static Refusal? JudgeNames(ImmutableArray<string> names)
    {
        foreach (var name in names)
        {
            if (name.Length is 0 or > MaxNameLength
                || !name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
            {
                return Bad($"a zone's name is not 1 to {MaxNameLength} characters of a-z, 0-9 and hyphen");
            }
        }

        return names.Distinct(StringComparer.Ordinal).Count() == names.Length
            ? null
            : Bad("two zones of a plan have the same name");
    }

    private static Refusal? Judge(ParameterZone zone)
    {
        if (!Enum.IsDefined(zone.Holds) || zone.Number is < 1 or > MaxNumber)
        {
            return Bad($"{zone.Name} holds neither an ID nor a key with a number from 1 to {MaxNumber}");
        }

        if (zone.MinBytes < 1 || zone.MinBytes > zone.MaxBytes || zone.MaxBytes > MaxZoneBytes)
        {
            return Bad($"{zone.Name} does not have 1 <= min <= max <= {MaxZoneBytes} bytes");
        }

        return zone.Holds == ZoneContent.Identity && zone.Fill is >= (byte)'!' and <= (byte)'~'
            ? Bad($"the fill of {zone.Name} could be part of an ID")
            : JudgeEnd(zone.Name, zone.Address, zone.MaxBytes);
    }

    private static Refusal? Judge(ValidationCode code) =>
        !Enum.IsDefined(code.Algorithm) || !Enum.IsDefined(code.Covers)
            ? Bad($"{code.Name} has an unknown algorithm or coverage")
            : JudgeEnd(code.Name, code.Address, code.Length);

    private static Refusal? JudgeEnd(string name, uint address, int length) =>
        new Segment(address, length).End > ImageLayout.AddressSpaceEnd
            ? Bad($"{name} leaves the 32-bit address space")
            : null;

    private static Refusal? JudgeOverlap(ImmutableArray<ParameterZone> zones, ImmutableArray<ValidationCode> checks)
    {
        var all = zones.Select(zone => (zone.Name, Room: new Segment(zone.Address, zone.MaxBytes)))
            .Concat(checks.Select(code => (code.Name, Room: new Segment(code.Address, code.Length))))
            .OrderBy(zone => zone.Room.Address)
            .ToArray();
        for (var i = 1; i < all.Length; i++)
        {
            if (all[i].Room.Address < all[i - 1].Room.End)
            {
                return Bad($"{all[i].Name} overlaps {all[i - 1].Name}");
            }
        }

        return null;
    }

    private static Refusal Bad(string detail) => new(Reason.Malformed, detail);
}
