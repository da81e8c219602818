using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Keywright.Protocol.Images;

/// <summary>
/// The file in which an owner writes a <see cref="ZonePlan"/> (docs/spec/images.md §5.2): JSON in UTF-8, at most
/// 64 KiB, without unknown, missing or repeated members.
/// </summary>
public static class ZonePlanFile
{
    /// <summary>The largest file, in bytes.</summary>
    public const int MaxBytes = 64 << 10;

    private const int Version = 1;

    /// <summary>
    /// Reads and judges a plan. Refused: <c>too-large</c> above 64 KiB, <c>malformed</c> for JSON of another shape,
    /// <c>wrong-version</c> for a version other than 1, then as <see cref="ZonePlan.Of"/>.
    /// </summary>
    public static Outcome<ZonePlan> Read(ReadOnlySpan<byte> json)
    {
        if (json.Length > MaxBytes)
        {
            return new Refusal(Reason.TooLarge, $"a zone plan of more than {MaxBytes} bytes");
        }

        try
        {
            var plan = JsonSerializer.Deserialize(json, ZonePlanJsonContext.Default.ZonePlanJson)
                ?? throw Null();
            return plan.Version == Version
                ? ZonePlan.Of([.. plan.Parameters.Select(ToZone)], [.. plan.Codes.Select(ToCode)])
                : new Refusal(Reason.WrongVersion, $"a zone plan of version {plan.Version}");
        }
        catch (JsonException fault)
        {
            return new Refusal(Reason.Malformed, $"a zone plan's JSON: {fault.Message}");
        }
    }

    private static ParameterZone ToZone(ParameterZoneJson? json) => json is not { } zone ? throw Null() : new()
    {
        Name = zone.Name,
        Address = FromHex(zone.Address, 8),
        MinBytes = zone.MinBytes,
        MaxBytes = zone.MaxBytes,
        Blank = (byte)FromHex(zone.Blank, 2),
        Fill = (byte)FromHex(zone.Fill, 2),
        Number = zone.Number,
        Holds = zone.Holds switch
        {
            "identity" => ZoneContent.Identity,
            "key" => ZoneContent.Key,
            _ => throw Unknown("holds"),
        },
    };

    private static ValidationCode ToCode(ValidationCodeJson? json) => json is not { } code ? throw Null() : new()
    {
        Name = code.Name,
        Address = FromHex(code.Address, 8),
        Blank = (byte)FromHex(code.Blank, 2),
        Algorithm = code.Algorithm switch
        {
            "crc-32-le" => CodeAlgorithm.Crc32LittleEndian,
            "crc-32-be" => CodeAlgorithm.Crc32BigEndian,
            "sha-256" => CodeAlgorithm.Sha256,
            _ => throw Unknown("algorithm"),
        },
        Covers = code.Covers switch
        {
            "parameters" => CodeCoverage.Parameters,
            "image" => CodeCoverage.Image,
            _ => throw Unknown("covers"),
        },
    };

    private static uint FromHex(string text, int digits) =>
        text.StartsWith("0x", StringComparison.Ordinal) && text.Length == digits + 2
        && uint.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new JsonException($"an address or byte is not 0x and {digits} hexadecimal digits");

    private static JsonException Null() => new("null stands where a plan, a parameter or a code belongs");

    private static JsonException Unknown(string member) => new($"{member} has an unknown value");
}

internal sealed record ZonePlanJson(int Version, ParameterZoneJson?[] Parameters, ValidationCodeJson?[] Codes);

internal sealed record ParameterZoneJson(
    string Name, string Address, int MinBytes, int MaxBytes, string Blank, string Fill, string Holds, int Number);

internal sealed record ValidationCodeJson(string Name, string Address, string Blank, string Algorithm, string Covers);

[JsonSourceGenerationOptions(
    AllowDuplicateProperties = false,
    MaxDepth = 4,
    PropertyNamingPolicy = JsonKnownNamingPolicy.KebabCaseLower,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(ZonePlanJson))]
internal sealed partial class ZonePlanJsonContext : JsonSerializerContext;
