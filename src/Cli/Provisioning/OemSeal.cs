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

    private static readonly Option<DirectoryInfo> Chip = new Option<DirectoryInfo>("--chip")
    {
        Description = "the folder of the provisioning chip: any blank chip of the family",
        Required = true,
    }.AcceptExistingOnly();

    private static readonly Option<FileInfo> Assets = new Option<FileInfo>("--assets")
    {
        Description = "what goes in: JSON, an array of {ref, kind, file | hex | generate, ? storage}",
        Required = true,
    }.AcceptExistingOnly();

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

    private static readonly Option<FileInfo> Program =
        PartyFolder.FileOption("--program", "the chip maker's provisioning program", FileNames.Program);

    private static readonly Option<FileInfo> ChipMakerKey =
        PartyFolder.FileOption("--chip-maker-key", "the chip maker's public key", FileNames.ChipMakerKey);

    public static Command Create()
    {
        var command = new Command(
            "seal",
            "seals assets for a whole chip family; writes packages/NAME.package and .unlock for the factory, "
            + "safe/NAME.keep-input and .keep-share for nobody else\n\nExample:\n"
            + "  keywright oem seal --dir oem --name kettle-1 --chip provisioning-chip --assets assets.json "
            + "--program chipmaker/program.cose --chip-maker-key chipmaker/chipmaker.pub")
        {
            OemInit.Dir, Name, Chip, Assets, Suite, Program, ChipMakerKey,
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
            OemInit.Dir, From, Name, Chip, Assets, Suite, Program, ChipMakerKey,
        };
        command.SetAction(parsed => Run(parsed, new Session(parsed), SealAgain));
        return command;
    }

    private static int Run(
        ParseResult parsed,
        Session session,
        Func<ParseResult, Session, SealingInputs, Outcome<SealedPackage>> seal)
    {
        var folder = new PartyFolder(parsed.GetRequiredValue(OemInit.Dir));
        var name = parsed.GetRequiredValue(Name);
        PublicFile.MustNotExist(PathTo(folder, name, "package"));
        if (PublicFile.ReadKey(folder.PathTo(parsed.GetValue(ChipMakerKey), FileNames.ChipMakerKey))
                .Refused(out var chipMaker, out var why)
            || PublicFile.ReadKey(folder.PathTo(FileNames.OrderKey)).Refused(out var oem, out why)
            || AssetFile.Read(parsed.GetRequiredValue(Assets)).Refused(out var assets, out why))
        {
            return session.Refuse(why);
        }

        using (assets)
        {
            using var chip = ChipFolder.Open(parsed.GetRequiredValue(Chip).FullName, session.Entropy);
            var program = File.ReadAllBytes(folder.PathTo(parsed.GetValue(Program), FileNames.Program));
            var suite = Suites[parsed.GetRequiredValue(Suite)];
            var inputs = new SealingInputs(folder, chip, program, chipMaker, oem.Id, assets.Assets, suite);
            if (seal(parsed, session, inputs).Refused(out var package, out why))
            {
                return session.Refuse(why);
            }

            PublicFile.WriteNew(PathTo(folder, name, "unlock"), package.Unlock);
            PublicFile.WriteNew(PathTo(folder, name, "package"), package.Package);
            return session.Report(Report(folder, name, package, assets, parsed.GetRequiredValue(Suite)));
        }
    }

    private static Outcome<SealedPackage> Seal(ParseResult parsed, Session session, SealingInputs inputs)
    {
        var random = new byte[RandomSize];
        session.Entropy.Fill(random);
        var outcome = SealPackage.Run(
            inputs.Chip, inputs.Program, inputs.ChipMaker, inputs.Oem, inputs.Assets, random, suite: inputs.Suite);
        CryptographicOperations.ZeroMemory(random);
        if (outcome.Refused(out var made, out var why))
        {
            return why;
        }

        var name = parsed.GetRequiredValue(Name);
        PublicFile.WriteNewForThisUser(InSafe(inputs.Folder, name, "keep-input"), made.Keeps.Input);
        PublicFile.WriteNewForThisUser(InSafe(inputs.Folder, name, "keep-share"), made.Keeps.Share);
        return made.Package;
    }

    private static Outcome<SealedPackage> SealAgain(ParseResult parsed, Session session, SealingInputs inputs)
    {
        var from = parsed.GetRequiredValue(From);
        var keeps = new Keeps(
            File.ReadAllBytes(InSafe(inputs.Folder, from, "keep-input")),
            File.ReadAllBytes(InSafe(inputs.Folder, from, "keep-share")));
        return SealPackage.Again(
            inputs.Chip, inputs.Program, inputs.ChipMaker, inputs.Oem, inputs.Assets, keeps, suite: inputs.Suite);
    }

    private static JsonObject Report(
        PartyFolder folder, string name, SealedPackage package, AssetFile assets, string suite) => new()
        {
            ["name"] = name,
            ["suite"] = suite,
            ["package"] = package.Digest.ToString(),
            ["package bytes"] = package.Package.Length,
            ["unlock bytes"] = package.Unlock.Length,
            ["package file"] = PathTo(folder, name, "package"),
            ["unlock file"] = PathTo(folder, name, "unlock"),
            ["assets"] = new JsonArray([.. assets.Assets.Select(content => (JsonNode)new JsonObject
        {
            ["ref"] = content.Asset.Ref,
            ["kind"] = content.Asset.Kind.ToString().ToLowerInvariant(),
            ["storage"] = AssetFile.NameOf(content.Asset.Storage),
            ["bytes"] = content.Asset.SizeBytes,
        })]),
        };

    private static string PathTo(PartyFolder folder, string name, string kind) =>
        folder.PathTo(FileNames.Packages, $"{name}.{kind}");

    private static string InSafe(PartyFolder folder, string name, string kind) =>
        folder.PathTo(FileNames.Safe, $"{name}.{kind}");

    private sealed record SealingInputs(
        PartyFolder Folder,
        ChipFolder Chip,
        byte[] Program,
        PublicKey ChipMaker,
        Digest Oem,
        IReadOnlyList<AssetContent> Assets,
        PackageSuite Suite);
}
