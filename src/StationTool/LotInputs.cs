using System.CommandLine;
using Keywright.CommandLine;
using Keywright.Protocol;
using Keywright.Station.Provisioning;

namespace Keywright.StationTool;

/// <summary>The files that a factory is handed for a lot, as options.</summary>
internal static class LotInputs
{
    private static readonly Option<FileInfo> Package = LotOptions.Required("--package", "the OEM's sealed package");

    private static readonly Option<FileInfo> Unlock = new Option<FileInfo>("--unlock")
    {
        Description = "the unlock that came with the package (else the same name with .unlock)",
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
        var unlock = parsed.GetValue(Unlock)?.FullName ?? Path.ChangeExtension(package, ".unlock");
        var program = folder.PathTo(parsed.GetValue(Program), FileNames.Program);
        return PublicFile.ReadKey(folder.PathTo(parsed.GetValue(OrderKey), FileNames.OrderKey))
                .Refused(out var orderKey, out var why)
            || PublicFile.ReadKey(folder.PathTo(parsed.GetValue(ChipMakerKey), FileNames.ChipMakerKey))
                .Refused(out var chipMaker, out why)
            ? why
            : LotFiles.Parse(
                File.ReadAllBytes(program),
                File.ReadAllBytes(package),
                File.ReadAllBytes(unlock),
                File.ReadAllBytes(parsed.GetRequiredValue(LotOptions.Order).FullName),
                orderKey,
                chipMaker);
    }
}
