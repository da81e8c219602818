using System.CommandLine;
using System.Text.Json.Nodes;
using Keywright.Chips;
using Keywright.Owner.Provisioning;
using Keywright.Protocol;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Provisioning;

namespace Keywright.Cli.Provisioning;

/// <summary>
/// <c>keywright oem unlock</c>: once the chips are known, an unlock for each of them, made inside a provisioning
/// chip.
/// </summary>
internal static class OemUnlock
{
    private static readonly Option<string> Package =
        FileNames.Option("--package", "name of the package, sealed in chip mode");

    private static readonly Option<string?> From = new("--from")
    {
        Description = "the package whose two kept halves come out of the safe (else the package itself)",
    };

    private static readonly Option<FileInfo> List = new Option<FileInfo>("--chip-list")
    {
        Description = "the chip maker's list of the lot",
        Required = true,
    }.AcceptExistingOnly();

    private static readonly Option<FileInfo> Leaves = new Option<FileInfo>("--leaves")
    {
        Description = $"the list's leaves (else beside the list, with {FileNames.LeavesSuffix})",
    }.AcceptExistingOnly();

    private static readonly Option<string[]> Only = new("--chip-id")
    {
        Description = "only this chip of the list: its ID, 34 hex digits (else every chip)",
    };

    public static Command Create()
    {
        var command = new Command(
            "unlock",
            "names the chips that can open a package in chip mode; writes packages/NAME.unlocks/CHIPID.unlock, and "
            + "leaves those that are there as they are\n\nExample:\n"
            + "  keywright oem unlock --dir oem --package kettle-1 --chip-list chipmaker/lots/1.list.cose "
            + "--chip provisioning-chip --program chipmaker/program.cose --chip-maker-key chipmaker/chipmaker.pub")
        {
            OemInit.Dir, Package, From, List, Leaves, Only, OemSeal.Chip, OemSeal.Program, OemSeal.ChipMakerKey,
        };
        command.SetAction(parsed => Run(parsed, new Session(parsed)));
        return command;
    }

    private static int Run(ParseResult parsed, Session session)
    {
        var folder = new PartyFolder(parsed.GetRequiredValue(OemInit.Dir));
        var name = parsed.GetRequiredValue(Package);
        var list = File.ReadAllBytes(parsed.GetRequiredValue(List).FullName);
        if (PublicFile.ReadKey(folder.PathTo(parsed.GetValue(OemSeal.ChipMakerKey), FileNames.ChipMakerKey))
                .Refused(out var chipMaker, out var why)
            || ListedChips.Verify(list, File.ReadAllBytes(LeavesPath(parsed)), chipMaker)
                .Refused(out var listed, out why)
            || Chosen(parsed, listed).Refused(out var chosen, out why))
        {
            return session.Refuse(why);
        }

        var unlocks = OemSeal.PathTo(folder, name, FileNames.UnlocksSuffix);
        var missing = chosen.Where(chip => !File.Exists(PathTo(unlocks, chip))).ToList();
        using var provisioningChip =
            ChipFolder.Open(parsed.GetRequiredValue(OemSeal.Chip).FullName, session.Entropy);
        var inputs = new Inputs(
            provisioningChip,
            File.ReadAllBytes(folder.PathTo(parsed.GetValue(OemSeal.Program), FileNames.Program)),
            chipMaker,
            File.ReadAllBytes(OemSeal.PathTo(folder, name, FileNames.PackageSuffix)),
            OemSeal.FromSafe(folder, parsed.GetValue(From) ?? name),
            list);
        var refused = WorkBar.Run(
            session,
            $"unlocks of {name}",
            missing.Count,
            done => missing.Select(chip => Unlock(inputs, listed.Prove(chip)!, PathTo(unlocks, chip), done))
                .FirstOrDefault(refusal => refusal is not null));
        return refused is not null
            ? session.Refuse(refused)
            : session.Report(new JsonObject
            {
                ["package"] = name,
                ["lot"] = listed.List.Lot,
                ["unlocks"] = unlocks,
                ["made"] = missing.Count,
                ["there before"] = chosen.Count - missing.Count,
            });
    }

    private static Refusal? Unlock(Inputs inputs, ListedChip chip, string path, Action done)
    {
        if (UnlockPackage.ForChip(
            inputs.Chip, inputs.Program, inputs.ChipMaker, inputs.Package, inputs.Keeps, inputs.List, chip)
            .Refused(out var unlock, out var why))
        {
            return why;
        }

        PublicFile.WriteNew(path, unlock);
        done();
        return null;
    }

    private static Outcome<IReadOnlyList<ChipId>> Chosen(ParseResult parsed, ListedChips listed)
    {
        var chosen = new List<ChipId>();
        foreach (var hex in parsed.GetValue(Only) ?? [])
        {
            if (ChipId.Parse(hex).Refused(out var chip, out var why))
            {
                return why;
            }

            if (listed.Find(chip) is null)
            {
                return new Refusal(Reason.UnknownChip, $"chip {chip} is not in this list");
            }

            chosen.Add(chip);
        }

        return chosen.Count > 0 ? chosen : [.. listed.Leaves.Select(leaf => leaf.Chip)];
    }

    private static string LeavesPath(ParseResult parsed)
    {
        var list = parsed.GetRequiredValue(List).FullName;
        var beside = list.EndsWith(FileNames.ListSuffix, StringComparison.Ordinal)
            ? list[..^FileNames.ListSuffix.Length]
            : list;
        return parsed.GetValue(Leaves)?.FullName ?? beside + FileNames.LeavesSuffix;
    }

    private static string PathTo(string unlocks, ChipId chip) =>
        Path.Combine(unlocks, chip + FileNames.UnlockSuffix);

    private sealed record Inputs(
        ChipFolder Chip, byte[] Program, PublicKey ChipMaker, byte[] Package, Keeps Keeps, byte[] List);
}
