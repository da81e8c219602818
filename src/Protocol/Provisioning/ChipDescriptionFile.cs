using System.Text.Json;

namespace Keywright.Protocol.Provisioning;

/// <summary>
/// The file of a <see cref="ChipDescription"/> (docs/spec/chip-description.md): JSON in UTF-8 with comments, at
/// most 64 KiB, without unknown, missing or repeated members.
/// </summary>
public static class ChipDescriptionFile
{
    /// <summary>The largest file, in bytes.</summary>
    public const int MaxBytes = 64 << 10;

    private const int Version = 1;
    private const int MaxText = 128;
    private const int MaxSource = 512;
    private const int MaxEntries = 32;
    private const int MinShares = 2;
    private const int MaxShares = 8;
    private const int MinChipId = 8;
    private const int PageUnit = 256;
    private const int MaxPlace = 1 << 24;

    private static readonly JsonDocumentOptions Strict = new()
    {
        AllowDuplicateProperties = false,
        AllowTrailingCommas = true,
        CommentHandling = JsonCommentHandling.Skip,
        MaxDepth = 4,
    };

    private static readonly Dictionary<string, PackageSuite> Suites = new()
    {
        ["gcm"] = PackageSuite.Gcm,
        ["ccm"] = PackageSuite.Ccm,
        ["cbc-cmac"] = PackageSuite.CbcCmac,
    };

    private static readonly Dictionary<string, ChipReader> Readers = new()
    {
        ["unit"] = ChipReader.Unit,
        ["secure-program"] = ChipReader.SecureProgram,
        ["program"] = ChipReader.Program,
        ["anyone"] = ChipReader.Anyone,
    };

    private static readonly Dictionary<string, LockMoment> Moments = new()
    {
        ["fabrication"] = LockMoment.Fabrication,
        ["provisioning"] = LockMoment.Provisioning,
        ["boot"] = LockMoment.Boot,
    };

    private static readonly Dictionary<string, DebugReopening> Reopenings = new()
    {
        ["never"] = DebugReopening.Never,
        ["erasure"] = DebugReopening.Erasure,
        ["key"] = DebugReopening.Key,
    };

    private static readonly Dictionary<string, ChipDriver> Drivers = new()
    {
        ["none"] = ChipDriver.None,
        ["soft"] = ChipDriver.Soft,
    };

    /// <summary>
    /// Reads and judges a description. Refusals: TooLarge above 64 KiB; Malformed with the line for what is no
    /// JSON, with the path for what is another description; WrongVersion.
    /// </summary>
    public static Outcome<ChipDescription> Read(ReadOnlyMemory<byte> json)
    {
        if (json.Length > MaxBytes)
        {
            return new Refusal(Reason.TooLarge, $"a chip description of more than {MaxBytes} bytes");
        }

        try
        {
            using var document = JsonDocument.Parse(json, Strict);
            var file = new JsonMembers(document.RootElement, string.Empty);
            if (file.Number("version", 0, int.MaxValue) is var version and not Version)
            {
                return new Refusal(Reason.WrongVersion, $"a chip description of version {version}");
            }

            var description = ReadAll(file);
            file.End();
            Judge(description);
            return description;
        }
        catch (JsonException fault)
        {
            return new Refusal(Reason.Malformed, JsonPlace.Of(fault));
        }
        catch (FormatException fault)
        {
            return new Refusal(Reason.Malformed, fault.Message);
        }
        catch (InvalidOperationException)
        {
            return new Refusal(Reason.Malformed, "a text that is no Unicode");
        }
    }

    private static ChipDescription ReadAll(JsonMembers file) => new()
    {
        Name = file.Name("name"),
        Part = file.Text("part", MaxText),
        Vendor = file.Text("vendor", MaxText),
        Driver = file.OneOf("driver", Drivers),
        Flash = ReadFlash(file.Object("flash")),
        RamBytes = file.Number("ram-bytes", 1, int.MaxValue),
        Suites = file.Array("suites", 0, Suites.Count, item => item.OneOf(Suites)),
        ChipId = ReadPlace(file.Object("chip-id"), MinChipId, Protocol.ChipId.Size),
        Shares = file.Array("shares", MinShares, MaxShares, item => ReadSecret(item.Object())),
        OemShare = ReadSecret(file.Object("oem-share")),
        OemMasterShare = ReadSecret(file.Object("oem-master-share")),
        ChipKey = ReadSecret(file.Object("chip-key")),
        Monotonic = ReadPlace(file.Object("monotonic"), 1, MaxPlace),
        KeyStore = ReadPlace(file.Object("key-store"), 1, MaxPlace),
        Locks = file.Array("locks", 0, MaxEntries, item => ReadLock(item.Object())),
        Debug = ReadDebug(file.Object("debug")),
        Sources = file.Array("sources", 1, MaxEntries, item => item.Text(MaxSource)),
    };

    private static ChipFlash ReadFlash(JsonMembers flash)
    {
        var read = new ChipFlash(
            flash.Number("bytes", 1, int.MaxValue),
            flash.Number("page", 1, int.MaxValue),
            flash.Number("word", 1, int.MaxValue),
            flash.Array("erase-units", 1, MaxEntries, item => item.Number(1, int.MaxValue)));
        flash.End();
        return read;
    }

    private static ChipPlace ReadSecret(JsonMembers place) =>
        ReadPlace(place, ChipDescription.SecretSize, ChipDescription.SecretSize);

    private static ChipPlace ReadPlace(JsonMembers place, int minBytes, int maxBytes)
    {
        var read = new ChipPlace(
            place.Text("memory", MaxText),
            place.Text("at", MaxText),
            place.Number("bytes", minBytes, maxBytes),
            place.OneOf("read-by", Readers),
            place.Has("sealed-under") ? place.Text("sealed-under", MaxText) : null);
        place.End();
        return read;
    }

    private static ChipLock ReadLock(JsonMembers entry)
    {
        var read = new ChipLock(
            entry.Text("name", MaxText), entry.Text("holds", MaxSource), entry.OneOf("when", Moments));
        entry.End();
        return read;
    }

    private static ChipDebug ReadDebug(JsonMembers debug)
    {
        var read = new ChipDebug(
            debug.Text("port", MaxText), debug.Text("closed-by", MaxSource), debug.OneOf("reopened-by", Reopenings));
        debug.End();
        return read;
    }

    private static void Judge(ChipDescription chip)
    {
        Must(chip.Flash.PageBytes % PageUnit == 0, "flash.page", $"a multiple of {PageUnit} (chip.md §2)");
        Must(chip.Flash.SizeBytes % chip.Flash.PageBytes == 0, "flash.bytes", "whole pages");
        Must(chip.Flash.PageBytes % chip.Flash.WordBytes == 0, "flash.word", "a part of a page");
        Must(chip.Flash.EraseUnits.Contains(chip.Flash.PageBytes), "flash.erase-units", "a page is one of them");
        Must(chip.Suites.Distinct().Count() == chip.Suites.Count, "suites", "each once");
        var taken = new Dictionary<(string, string), string>();
        foreach (var (path, place) in chip.Secrets)
        {
            Must(place.ReadBy != ChipReader.Anyone, $"{path}.read-by", "a secret is not for anyone");
            Must(taken.TryAdd((place.Memory, place.At), path), path, "the place of another secret");
        }
    }

    private static void Must(bool holds, string path, string rule)
    {
        if (!holds)
        {
            throw new FormatException($"{path}: {rule}");
        }
    }
}
