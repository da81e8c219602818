using System.CommandLine;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Keywright.Chips;
using Keywright.Owner.Provisioning;
using Keywright.Protocol;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Provisioning;

namespace Keywright.Cli.Provisioning;

/// <summary>
/// <c>keywright oem seal</c> and <c>oem regenerate</c>: assets into a package, inside a provisioning chip.
/// </summary>
internal static class OemSeal
{
    private const int RandomSize = 32;

    private static readonly Option<string> Name = FileNames.Option("--name", "names the new package's files");

    private static readonly Option<string> From =
        FileNames.Option("--from", "the package whose two kept halves come out of the safe");

    public static readonly Option<DirectoryInfo> Chip = new Option<DirectoryInfo>("--chip")
    {
        Description = "the folder of the provisioning chip: any blank chip of the family",
        Required = true,
    }.AcceptExistingOnly();

    private static readonly Option<FileInfo> Assets = new Option<FileInfo>("--assets")
    {
        Description = "what goes in: JSON, an array of {ref, kind, file | hex | generate, ? storage}",
        Required = true,
    }.AcceptExistingOnly();

    private static readonly Dictionary<string, PackageMode> Modes = new()
    {
        ["family"] = PackageMode.Family,
        ["chip"] = PackageMode.Chip,
    };

    private static readonly Option<string?> Mode = new Option<string?>("--mode")
    {
        Description = "who can open it: every chip of the family with one unlock (family), or only the chips that "
            + "oem unlock names (chip); else family, or as the package that it comes from",
    }.AcceptOnlyFromAmong([.. Modes.Keys]);

    private static readonly Dictionary<string, PackageSuite> Suites = new()
    {
        ["gcm"] = PackageSuite.Gcm,
        ["ccm"] = PackageSuite.Ccm,
        ["cbc-cmac"] = PackageSuite.CbcCmac,
    };

    private static readonly Option<string> Suite = new Option<string>("--suite")
    {
        Description = "how blocks are sealed, as the family's chips can open them",
        DefaultValueFactory = _ => "gcm",
    }.AcceptOnlyFromAmong([.. Suites.Keys]);

    public static readonly Option<FileInfo> Program =
        PartyFolder.FileOption("--program", "the chip maker's provisioning program", FileNames.Program);

    public static readonly Option<FileInfo> ChipMakerKey =
        PartyFolder.FileOption("--chip-maker-key", "the chip maker's public key", FileNames.ChipMakerKey);

    public static Command Create()
    {
        var command = new Command(
            "seal",
            "seals assets for chips of a family; writes packages/NAME.package and, in family mode, .unlock for the "
            + "factory, safe/NAME.keep-input and .keep-share for nobody else\n\nExample:\n"
            + "  keywright oem seal --dir oem --name kettle-1 --chip provisioning-chip --assets assets.json "
            + "--program chipmaker/program.cose --chip-maker-key chipmaker/chipmaker.pub")
        {
            OemInit.Dir, Name, Chip, Assets, Mode, Suite, Program, ChipMakerKey,
        };
        command.SetAction(parsed => Run(parsed, new Session(parsed), Seal));
        return command;
    }

    public static Command Again()
    {
        var command = new Command(
            "regenerate",
            "seals again from the halves in safe/ of an earlier package: generated assets come out bit for bit, "
            + "others as given\n\nExample:\n"
            + "  keywright oem regenerate --dir oem --from kettle-1 --name kettle-2 "
            + "--chip provisioning-chip --assets assets.json --program chipmaker/program.cose "
            + "--chip-maker-key chipmaker/chipmaker.pub")
        {
            OemInit.Dir, From, Name, Chip, Assets, Mode, Suite, Program, ChipMakerKey,
        };
        command.SetAction(parsed => Run(parsed, new Session(parsed), SealAgain));
        return command;
    }

    private static int Run(
        ParseResult parsed,
        Session session,
        Func<ParseResult, Session, SealingInputs, Outcome<(SealedPackage, Keeps)>> seal)
    {
        var folder = new PartyFolder(parsed.GetRequiredValue(OemInit.Dir));
        var name = parsed.GetRequiredValue(Name);
        PublicFile.MustNotExist(PathTo(folder, name, FileNames.PackageSuffix));
        if (PublicFile.ReadKey(folder.PathTo(parsed.GetValue(ChipMakerKey), FileNames.ChipMakerKey))
                .Refused(out var chipMaker, out var why)
            || PublicFile.ReadKey(folder.PathTo(FileNames.OrderKey)).Refused(out var oem, out why)
            || ModeOf(parsed, folder).Refused(out var mode, out why)
            || AssetFile.Read(parsed.GetRequiredValue(Assets)).Refused(out var assets, out why))
        {
            return session.Refuse(why);
        }

        using (assets)
        {
            using var chip = ChipFolder.Open(parsed.GetRequiredValue(Chip).FullName, session.Entropy);
            var program = File.ReadAllBytes(folder.PathTo(parsed.GetValue(Program), FileNames.Program));
            var suite = Suites[parsed.GetRequiredValue(Suite)];
            var inputs = new SealingInputs(folder, chip, program, chipMaker, oem.Id, assets.Assets, suite, mode);
            if (seal(parsed, session, inputs).Refused(out var made, out why))
            {
                return session.Refuse(why);
            }

            var (package, keeps) = made;
            if (mode == PackageMode.Family)
            {
                if (UnlockPackage.ForFamily(chip, program, chipMaker, package.Package, keeps)
                    .Refused(out var unlock, out why))
                {
                    return session.Refuse(why);
                }

                PublicFile.WriteNew(PathTo(folder, name, FileNames.UnlockSuffix), unlock);
            }

            PublicFile.WriteNew(PathTo(folder, name, FileNames.PackageSuffix), package.Package);
            return session.Report(Report(folder, name, inputs, package, assets, parsed.GetRequiredValue(Suite)));
        }
    }

    private static Outcome<PackageMode> ModeOf(ParseResult parsed, PartyFolder folder)
    {
        if (parsed.GetValue(Mode) is { } mode)
        {
            return Modes[mode];
        }

        if (parsed.GetResult(From) is null)
        {
            return PackageMode.Family;
        }

        // Never a guess: family mode opens in more chips than the former package may have.
        var former = PathTo(folder, parsed.GetRequiredValue(From), FileNames.PackageSuffix);
        return !File.Exists(former)
            ? throw new FileNotFoundException($"{former} is not there to say its mode: give --mode.")
            : PackageDigest.ParseHeader(File.ReadAllBytes(former)).Refused(out var header, out var why)
                ? why
                : header.Mode;
    }

    private static Outcome<(SealedPackage Package, Keeps Keeps)> Seal(
        ParseResult parsed, Session session, SealingInputs inputs)
    {
        var random = new byte[RandomSize];
        session.Entropy.Fill(random);
        var outcome = SealPackage.Run(
            inputs.Chip,
            inputs.Program,
            inputs.ChipMaker,
            inputs.Oem,
            inputs.Assets,
            random,
            suite: inputs.Suite,
            mode: inputs.Mode);
        CryptographicOperations.ZeroMemory(random);
        if (outcome.Refused(out var made, out var why))
        {
            return why;
        }

        var name = parsed.GetRequiredValue(Name);
        PublicFile.WriteNewForThisUser(InSafe(inputs.Folder, name, "keep-input"), made.Keeps.Input);
        PublicFile.WriteNewForThisUser(InSafe(inputs.Folder, name, "keep-share"), made.Keeps.Share);
        return made;
    }

    private static Outcome<(SealedPackage Package, Keeps Keeps)> SealAgain(
        ParseResult parsed, Session session, SealingInputs inputs)
    {
        var keeps = FromSafe(inputs.Folder, parsed.GetRequiredValue(From));
        return SealPackage.Again(
            inputs.Chip,
            inputs.Program,
            inputs.ChipMaker,
            inputs.Oem,
            inputs.Assets,
            keeps,
            suite: inputs.Suite,
            mode: inputs.Mode).Refused(out var package, out var why) ? why : (package, keeps);
    }

    private static JsonObject Report(
        PartyFolder folder,
        string name,
        SealingInputs inputs,
        SealedPackage package,
        AssetFile assets,
        string suite) => new()
        {
            ["name"] = name,
            ["mode"] = Modes.First(mode => mode.Value == inputs.Mode).Key,
            ["suite"] = suite,
            ["package"] = package.Digest.ToString(),
            ["package bytes"] = package.Package.Length,
            ["package file"] = PathTo(folder, name, FileNames.PackageSuffix),
            ["unlock file"] =
                inputs.Mode == PackageMode.Family ? PathTo(folder, name, FileNames.UnlockSuffix) : null,
            ["assets"] = new JsonArray([.. assets.Assets.Select(content => (JsonNode)new JsonObject
        {
            ["ref"] = content.Asset.Ref,
            ["kind"] = content.Asset.Kind.ToString().ToLowerInvariant(),
            ["storage"] = AssetFile.NameOf(content.Asset.Storage),
            ["bytes"] = content.Asset.SizeBytes,
        })]),
        };

    /// <summary>Where a package's file of this kind lies.</summary>
    public static string PathTo(PartyFolder folder, string name, string suffix) =>
        folder.PathTo(FileNames.Packages, name + suffix);

    /// <summary>The two halves that were kept when this package was sealed.</summary>
    public static Keeps FromSafe(PartyFolder folder, string name) => new(
        File.ReadAllBytes(InSafe(folder, name, "keep-input")),
        File.ReadAllBytes(InSafe(folder, name, "keep-share")));

    private static string InSafe(PartyFolder folder, string name, string kind) =>
        folder.PathTo(FileNames.Safe, $"{name}.{kind}");

    private sealed record SealingInputs(
        PartyFolder Folder,
        ChipFolder Chip,
        byte[] Program,
        PublicKey ChipMaker,
        Digest Oem,
        IReadOnlyList<AssetContent> Assets,
        PackageSuite Suite,
        PackageMode Mode);
}
