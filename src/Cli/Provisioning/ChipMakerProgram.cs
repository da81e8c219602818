using System.CommandLine;
using System.Text.Json.Nodes;
using Keywright.Owner.Provisioning;
using Keywright.Protocol;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Provisioning;

namespace Keywright.Cli.Provisioning;

/// <summary>
/// <c>keywright chipmaker sign-program</c>, and <c>check-program</c>, which everybody runs who is handed one.
/// </summary>
internal static class ChipMakerProgram
{
    private const int MaxErrorsShown = 5;

    private static readonly Argument<FileInfo> Text = new("text")
    {
        Description = "the program's text (else the one that comes with Keywright)",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<uint> Epoch = new Option<uint>("--epoch")
    {
        Description = "programs of one epoch do not open packages of another",
        DefaultValueFactory = _ => 1,
    }.Must(epoch => epoch >= 1, "at least 1");

    private static readonly Argument<FileInfo> Program =
        new Argument<FileInfo>("program") { Description = "the signed program" }.AcceptExistingOnly();

    private static readonly Option<FileInfo> Key = new Option<FileInfo>("--chip-maker-key")
    {
        Description = "the chip maker's public key, 65 bytes, from a source that you trust",
        Required = true,
    }.AcceptExistingOnly();

    public static Command Sign()
    {
        Text.AcceptExistingOnly();
        var command = new Command(
            "sign-program",
            "assembles a provisioning program, proves that it keeps its secrets in, and signs it; the program "
            + "of another epoch stays as program-EPOCH.cose\n\nExample:\n"
            + "  keywright chipmaker sign-program --dir chipmaker")
        {
            Text, ChipMakerInit.Dir, Epoch,
        };
        command.SetAction(parsed => Sign(parsed, new Session(parsed)));
        return command;
    }

    public static Command Check()
    {
        var command = new Command(
            "check-program",
            "what OEM, factory and chip do before they use a program: verifies its signature, then proves "
            + "that it keeps its secrets in\n\nExample:\n"
            + "  keywright chipmaker check-program program.cose --chip-maker-key chipmaker.pub")
        {
            Program, Key,
        };
        command.SetAction(parsed => Check(parsed, new Session(parsed)));
        return command;
    }

    private static int Sign(ParseResult parsed, Session session)
    {
        var folder = new PartyFolder(parsed.GetRequiredValue(ChipMakerInit.Dir));
        if (ChipMakerKeys.Open(folder, session).Refused(out var keys, out var why))
        {
            return session.Refuse(why);
        }

        using (keys)
        {
            if (SignIn(folder, keys, parsed.GetValue(Text), parsed.GetRequiredValue(Epoch))
                .Refused(out var made, out why))
            {
                return session.Refuse(why);
            }

            var report = Report(folder.PathTo(FileNames.Program), made.Signed);
            report["kept"] = new JsonArray([.. made.Kept.Select(name => JsonValue.Create(name))]);
            return session.Report(report);
        }
    }

    /// <summary>
    /// The program of an epoch in the chip maker's folder, and the names of what moved aside for it. No text: the
    /// one that comes with Keywright. Refusals: Malformed for the text, those of signing, those of a signed program.
    /// </summary>
    public static Outcome<(Verified<ProvisioningProgram> Signed, string[] Kept)> SignIn(
        PartyFolder folder, ChipMakerKeys keys, FileInfo? text, uint epoch)
    {
        if (Assemble(text, keys.Family.Name, epoch).Refused(out var program, out var why)
            || SignProgram.Run(program, keys.Key).Refused(out var signed, out why)
            || KeepFormer(folder, keys.Key.Public, epoch).Refused(out var kept, out why))
        {
            return why;
        }

        PublicFile.Write(folder.PathTo(FileNames.Program), signed.Bytes.Span);
        return (signed, kept);
    }

    /// <summary>
    /// Packages of an epoch need its program: the one that is there moves aside. Refusals: those of a signed
    /// program, for a file that is none of this chip maker's.
    /// </summary>
    private static Outcome<string[]> KeepFormer(PartyFolder folder, PublicKey key, uint epoch)
    {
        var path = folder.PathTo(FileNames.Program);
        if (!File.Exists(path))
        {
            return Array.Empty<string>();
        }

        if (SignedProgram.Verify(File.ReadAllBytes(path), key).Refused(out var former, out var why))
        {
            return why with { Detail = $"{path} is not replaced: {why.Detail}" };
        }

        if (former.Content.Epoch == epoch)
        {
            return Array.Empty<string>();
        }

        var place = folder.PathTo(FileNames.FormerProgram(former.Content.Epoch));
        PublicFile.Write(place, former.Bytes.Span);
        return new[] { place };
    }

    private static int Check(ParseResult parsed, Session session)
    {
        var path = parsed.GetRequiredValue(Program);
        return PublicFile.ReadKey(parsed.GetRequiredValue(Key).FullName).Refused(out var key, out var why)
            || SignedProgram.Verify(File.ReadAllBytes(path.FullName), key).Refused(out var program, out why)
            ? session.Refuse(why)
            : session.Report(Report(path.ToString(), program));
    }

    private static Outcome<ProvisioningProgram> Assemble(FileInfo? text, string family, uint epoch)
    {
        using var source = text?.OpenText() ?? new StreamReader(Embedded());
        var assembly = Assembler.Assemble(source.ReadToEnd(), family, epoch);
        if (assembly.Program is { } program)
        {
            return program;
        }

        var shown = string.Join("; ", assembly.Errors.Take(MaxErrorsShown));
        var more = assembly.Errors.Count - MaxErrorsShown;
        var rest = more > 0 ? $"; {more} more" : string.Empty;
        return new Refusal(Reason.Malformed, $"{text?.ToString() ?? "the program"}, {shown}{rest}");
    }

    private static Stream Embedded() =>
        typeof(ChipMakerProgram).Assembly.GetManifestResourceStream("provision.kwp")!;

    private static JsonObject Report(string path, Verified<ProvisioningProgram> program) => new()
    {
        ["program"] = path,
        ["family"] = program.Content.Family,
        ["epoch"] = program.Content.Epoch,
        ["version"] = program.Content.Version,
        ["digest"] = program.Digest.ToString(),
        ["commands"] = new JsonArray([.. program.Content.Commands.Select(command => (JsonNode)new JsonObject
        {
            ["command"] = command.Name,
            ["instructions"] = command.Instructions.Length,
        })]),
    };
}
