using System.Text.Json;
using Keywright.Protocol;

namespace Keywright.Owner.Provisioning;

/// <summary>Where a station says that a chip stands.</summary>
public enum ClaimedStanding
{
    Open,
    Provisioned,
    Failed,
    Scrapped,
}

/// <summary>One chip as a station tells of it.</summary>
public sealed record ClaimedChip(
    ChipId Chip, ClaimedStanding Standing, string? Serial, string? What, string? ReturnedTo);

/// <summary>
/// What a station says of a lot (docs/spec/provisioning.md 10.7): JSON, signed by nobody, and so compared with
/// the chips' receipts. Refusals: Malformed, TooLarge.
/// </summary>
public sealed record StationAccount(Digest Order, IReadOnlyDictionary<ChipId, ClaimedChip> Chips)
{
    private const int MaxBytes = 64 << 20;
    private const int MaxText = 128;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 8 };

    public static Outcome<StationAccount> Parse(ReadOnlyMemory<byte> json)
    {
        if (json.Length > MaxBytes)
        {
            return new Refusal(Reason.TooLarge, $"an account has at most {MaxBytes} bytes");
        }

        try
        {
            using var document = JsonDocument.Parse(json, Strict);
            return Read(document.RootElement);
        }
        catch (Exception fault) when (
            fault is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return new Refusal(Reason.Malformed, "this is no account of a station");
        }
    }

    private static Outcome<StationAccount> Read(JsonElement account)
    {
        var order = Convert.FromHexString(account.GetProperty("order").GetString() ?? "");
        if (order.Length != Digest.Size)
        {
            return new Refusal(Reason.Malformed, "an order's digest has 64 hex digits");
        }

        var chips = new Dictionary<ChipId, ClaimedChip>();
        foreach (var row in account.GetProperty("chips").EnumerateArray())
        {
            if (ReadChip(row).Refused(out var chip, out var why))
            {
                return why;
            }

            if (!chips.TryAdd(chip.Chip, chip))
            {
                return new Refusal(Reason.Malformed, $"chip {chip.Chip} stands twice in the account");
            }
        }

        return new StationAccount(new Digest(order), chips);
    }

    private static Outcome<ClaimedChip> ReadChip(JsonElement row)
    {
        if (ChipId.Parse(row.GetProperty("chip").GetString() ?? "").Refused(out var chip, out var why))
        {
            return why;
        }

        ClaimedStanding? standing = row.GetProperty("standing").GetString() switch
        {
            "open" => ClaimedStanding.Open,
            "provisioned" => ClaimedStanding.Provisioned,
            "failed" => ClaimedStanding.Failed,
            "scrapped" => ClaimedStanding.Scrapped,
            _ => null,
        };
        return standing is { } known
            ? new ClaimedChip(chip, known, Text(row, "serial"), Text(row, "what"), Text(row, "returned"))
            : new Refusal(Reason.Malformed, $"chip {chip} stands nowhere in the account");
    }

    private static string? Text(JsonElement row, string name) =>
        row.GetProperty(name).GetString() is not { } text ? null :
        text.Length <= MaxText ? text :
        throw new FormatException(name);
}
