using System.CommandLine;
using Keywright.CommandLine;
using Keywright.Protocol;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Provisioning;
using Keywright.Station.Provisioning;

namespace Keywright.StationTool;

/// <summary>The files that a factory is handed for a lot, as options.</summary>
internal static class LotInputs
{
    private static readonly Option<FileInfo> Package = LotOptions.Required("--package", "the OEM's sealed package");

    private static readonly Option<FileSystemInfo> Unlock = new Option<FileSystemInfo>("--unlock")
    {
        Description = "the unlock that came with the package, for an order in chip mode the folder with one for each "
            + $"chip (else the package's name with {FileNames.UnlockSuffix} or {FileNames.UnlocksSuffix})",
    }.AcceptExistingOnly();

    private static readonly Option<FileInfo> Program =
        PartyFolder.FileOption("--program", "the chip maker's provisioning program", FileNames.Program);

    private static readonly Option<FileInfo> OrderKey =
        PartyFolder.FileOption("--order-key", "the OEM's public order key", FileNames.OrderKey);

    private static readonly Option<FileInfo> ChipMakerKey =
        PartyFolder.FileOption("--chip-maker-key", "the chip maker's public key", FileNames.ChipMakerKey);

    public static void AddTo(Command command)
    {
        foreach (var option in (Option[])[LotOptions.Order, Package, Unlock, OrderKey, Program, ChipMakerKey])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Refusals: those of <see cref="LotFiles.Parse"/>, UnknownKey.</summary>
    public static Outcome<LotFiles> Read(ParseResult parsed)
    {
        var folder = LotOptions.Folder(parsed);
        var package = parsed.GetRequiredValue(Package).FullName;
        var order = File.ReadAllBytes(parsed.GetRequiredValue(LotOptions.Order).FullName);
        var program = folder.PathTo(parsed.GetValue(Program), FileNames.Program);
        return PublicFile.ReadKey(folder.PathTo(parsed.GetValue(OrderKey), FileNames.OrderKey))
                .Refused(out var orderKey, out var why)
            || PublicFile.ReadKey(folder.PathTo(parsed.GetValue(ChipMakerKey), FileNames.ChipMakerKey))
                .Refused(out var chipMaker, out why)
            || Message.Parse<Order>(order).Refused(out var claimed, out why)
            ? why
            : LotFiles.Parse(
                File.ReadAllBytes(program),
                File.ReadAllBytes(package),
                Unlocks(parsed, package, claimed.Claimed.Mode),
                order,
                orderKey,
                chipMaker);
    }

    private static LotUnlocks Unlocks(ParseResult parsed, string package, PackageMode mode)
    {
        var given = parsed.GetValue(Unlock)?.FullName;
        if (mode == PackageMode.Family)
        {
            return LotUnlocks.OfFamily(
                File.ReadAllBytes(given ?? Path.ChangeExtension(package, FileNames.UnlockSuffix)));
        }

        var folder = given ?? Path.ChangeExtension(package, FileNames.UnlocksSuffix);
        return Directory.Exists(folder)
            ? LotUnlocks.OfChips(chip => ReadIfThere(Path.Combine(folder, chip + FileNames.UnlockSuffix)))
            : throw new DirectoryNotFoundException($"{folder}: no folder with an unlock for each chip.");
    }

    private static byte[]? ReadIfThere(string path) =>
        File.Exists(path) ? File.ReadAllBytes(path) : null;
}
