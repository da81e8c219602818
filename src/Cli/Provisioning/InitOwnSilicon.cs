using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Keywright.Cli.Folders;
using Keywright.Protocol;
using Keywright.Protocol.Provisioning;

namespace Keywright.Cli.Provisioning;

/// <summary>
/// <c>keywright init</c>: all that an OEM needs who buys its silicon as it is, and so is its own chip maker
/// (docs/own-silicon.md). The folder is made whole or not at all.
/// </summary>
internal static class InitOwnSilicon
{
    private const uint Epoch = 1;

    private static readonly Option<string> Chip = new Option<string>("--chip")
    {
        Description = $"the chip: {string.Join(", ", KnownChips.Names)}; or your own description, NAME.json",
        Required = true,
    }.Must(
        KnownChips.IsNamed,
        $"a chip that is known ({string.Join(", ", KnownChips.Names)}), or the file of a description, NAME.json");

    private static readonly Option<DirectoryInfo?> Dir = new("--dir")
    {
        Description = "the new folder (else the chip's name)",
    };

    private static readonly Option<string?> Family = new Option<string?>("--family")
    {
        Description = "the family's name (else the chip's)",
    }.Must(name => ShortText.IsValid(name!), "1 to 32 printable ASCII characters");

    public static Command Create()
    {
        var command = new Command(
            "init",
            "makes all that an OEM needs who is its own chip maker: a family and its shares, keys, the signed "
            + "program, a folder for each party, and a README with the next steps\n\nExample:\n"
            + "  keywright init --chip soft --dir kettle")
        {
            Chip, Dir, Family,
        };
        command.SetAction(parsed => Run(parsed, new Session(parsed)));
        return command;
    }

    private static int Run(ParseResult parsed, Session session)
    {
        var file = KnownChips.Read(parsed.GetRequiredValue(Chip));
        if (ChipDescriptionFile.Read(file).Refused(out var chip, out var why))
        {
            return session.Refuse(why with { Detail = $"{parsed.GetRequiredValue(Chip)}: {why.Detail}" });
        }

        var place = parsed.GetValue(Dir) ?? new DirectoryInfo(chip.Name);
        if (Path.Exists(place.FullName))
        {
            throw new IOException($"{place} is there already: what is made once needs a folder of its own.");
        }

        var typed = session.Passphrase(isNew: true);
        var isWhole = false;
        try
        {
            var family = parsed.GetValue(Family) ?? chip.Name;
            if (MakeKeys(place, chip, family, typed, session).Refused(out var made, out why))
            {
                return session.Refuse(why);
            }

            var folder = new PartyFolder(place);
            PublicFile.WriteNew(folder.PathTo("chip.json"), file);
            PublicFile.WriteNew(folder.PathTo("oem", "assets.json"), Text(NextSteps.Assets));
            Directory.CreateDirectory(folder.PathTo("station"));
            PublicFile.WriteNew(folder.PathTo("README.md"), Text(NextSteps.For(chip, family)));
            isWhole = true;
            return session.Report(Report(folder, chip, family, made));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(typed);
            if (!isWhole && place.Exists)
            {
                place.Delete(recursive: true);
            }
        }
    }

    /// <summary>The two parties that hold keys. Refusals: those of key files, programs and signatures.</summary>
    private static Outcome<Made> MakeKeys(
        DirectoryInfo place, ChipDescription chip, string family, byte[] typed, Session session)
    {
        place.Create();
        place.Refresh();
        var maker = PartyIn(place, "chipmaker");
        var oem = PartyIn(place, "oem");
        if (maker.CreateKeys(session, [.. typed]).Refused(out var makerFile, out var why))
        {
            return why;
        }

        using (makerFile)
        {
            if (ChipMakerKeys.OpenOrMake(makerFile, session.Entropy, family, chip.Shares.Count)
                .Refused(out var keys, out why))
            {
                return why;
            }

            using (keys)
            {
                PublicFile.Write(maker.PathTo(FileNames.ChipMakerKey), keys.Key.Public.Bytes);
                if (ChipMakerProgram.SignIn(maker, keys, text: null, Epoch).Refused(out var program, out why)
                    || oem.CreateKeys(session, [.. typed]).Refused(out var oemFile, out why))
                {
                    return why;
                }

                using (oemFile)
                {
                    return OemInit.MakeKeys(oem, oemFile, session).Refused(out var oemKeys, out why)
                        ? why
                        : new Made(keys.Key.Public.Id, program.Signed.Digest, oemKeys.Order);
                }
            }
        }
    }

    private static JsonObject Report(PartyFolder folder, ChipDescription chip, string family, Made made) => new()
    {
        ["folder"] = folder.PathTo(),
        ["chip"] = chip.Part,
        ["driver"] = chip.Driver == ChipDriver.Soft
            ? "soft chips, which keep their secrets in a file: for development"
            : "none yet: nothing here reaches this part; rehearse with soft chips",
        ["family"] = family,
        ["shares"] = chip.Shares.Count,
        ["chip maker's key"] = made.ChipMaker.ToString(),
        ["program"] = made.Program.ToString(),
        ["order key"] = made.Order.ToString(),
        ["next steps"] = folder.PathTo("README.md"),
    };

    private static PartyFolder PartyIn(DirectoryInfo place, string name) =>
        new(new DirectoryInfo(Path.Combine(place.ToString(), name)));

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    private sealed record Made(Digest ChipMaker, Digest Program, Digest Order);
}
