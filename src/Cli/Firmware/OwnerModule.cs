using System.CommandLine;
using System.Text.Json.Nodes;
using Keywright.Cli.Folders;
using Keywright.Owner.Firmware;
using Keywright.Protocol;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Keys;

namespace Keywright.Cli.Firmware;

/// <summary>What an owner does offline: a key, and modules signed with it.</summary>
internal static class OwnerModule
{
    private const string KeyName = "module";

    private static readonly Option<DirectoryInfo> Dir = PartyFolder.Option("owner");

    public static Command Init()
    {
        var command = new Command(
            "init",
            "draws the owner's module key\n\nExample:\n  keywright owner init --dir owner-a")
        {
            Dir,
        };
        command.SetAction(parsed =>
        {
            var session = new Session(parsed);
            var folder = new PartyFolder(parsed.GetRequiredValue(Dir));
            if (folder.OpenOrCreateKeys(session, FileNames.ModuleKey).Refused(out var keys, out var why))
            {
                return session.Refuse(why);
            }

            using (keys)
            {
                if (!keys.Names.Contains(KeyName))
                {
                    using var made = SigningKey.Generate(session.Entropy);
                    keys.Add(KeyName, made);
                    keys.Save();
                }

                using var key = keys.Signing(KeyName).OrThrow();
                PublicFile.Write(folder.PathTo(FileNames.ModuleKey), key.Public.Bytes);
                return session.Report(new JsonObject
                {
                    ["owner"] = key.Public.Id.ToString(),
                    ["key"] = folder.PathTo(FileNames.ModuleKey),
                });
            }
        });
        return command;
    }

    public static Command Sign()
    {
        var product = SiteCommand.Required<string>("--product", "the product that it is for");
        var deviceTypes = new Option<string[]>("--device-type") { Description = "only for these types" };
        var devices = new Option<string[]>("--device") { Description = "a special version for these devices" };
        var sequence = SiteCommand.Required<ulong>("--sequence", "counts upward; a device takes none below its own");
        var version = SiteCommand.Required<string>("--program-version", "the programs' version, for people");
        var programs = SiteCommand.Required<string[]>("--program", "NAME=FILE, once for each program");
        var diagnostics = new Option<FileInfo?>("--diagnostics-key")
        {
            Description = "public key of 65 bytes under which the programs' dumps go home",
        };
        var epoch = new Option<uint>("--epoch")
        {
            Description = "which of the owner's diagnostics keys it is",
            DefaultValueFactory = _ => 1,
        };
        var output = SiteCommand.Required<FileInfo>("--out", "the module; its programs are written beside it as .bodies");
        var command = new Command(
            "sign-module",
            "signs programs and their diagnostics key as one module\n\nExample:\n"
            + "  keywright owner sign-module --dir oem --product pump --sequence 2 --program-version 1.1 "
            + "--program app=app.bin --out pump-2.module")
        {
            Dir, product, deviceTypes, devices, sequence, version, programs, diagnostics, epoch, output,
        };
        command.SetAction(parsed => SignPlan(
            parsed,
            new Session(parsed),
            parsed.GetRequiredValue(output),
            folder => Plan(
                parsed.GetRequiredValue(programs),
                parsed.GetRequiredValue(version),
                parsed.GetValue(diagnostics),
                parsed.GetValue(epoch),
                new ModulePlan
                {
                    Product = parsed.GetRequiredValue(product),
                    DeviceTypes = parsed.GetValue(deviceTypes) ?? [],
                    Devices = [.. (parsed.GetValue(devices) ?? []).Select(id => DeviceId.Parse(id).OrThrow())],
                    Sequence = parsed.GetRequiredValue(sequence),
                    Programs = [],
                })));
        return command;
    }

    private static Outcome<ModulePlan> Plan(
        IEnumerable<string> programs, string version, FileInfo? diagnostics, uint epoch, ModulePlan plan)
    {
        HpkePublicKey? key = null;
        if (diagnostics is not null
            && HpkePublicKey.Parse(File.ReadAllBytes(diagnostics.FullName)).Refused(out key, out var why))
        {
            return why;
        }

        var sources = new List<ProgramSource>();
        foreach (var program in programs)
        {
            if (program.Split('=', 2) is not [var name, var file])
            {
                return new Refusal(Reason.Malformed, $"{program} is not NAME=FILE");
            }

            sources.Add(new ProgramSource(name, ProgramKind.Application, version, File.OpenRead(file))
            {
                Diagnostics = key?.Id,
            });
        }

        return plan with { Programs = sources, Keys = key is null ? [] : [new ModuleKey(key, epoch)] };
    }

    private static int SignPlan(
        ParseResult parsed, Session session, FileInfo output, Func<PartyFolder, Outcome<ModulePlan>> plan)
    {
        var folder = new PartyFolder(parsed.GetRequiredValue(Dir));
        if (folder.OpenKeys(session).Refused(out var keys, out var why))
        {
            return session.Refuse(why);
        }

        using (keys)
        {
            if (keys.Signing(KeyName).Refused(out var owner, out why) || plan(folder).Refused(out var made, out why))
            {
                return session.Refuse(why);
            }

            using (owner)
            {
                if (SignModule.Sign(made, owner).Refused(out var module, out why))
                {
                    return session.Refuse(why);
                }

                PublicFile.Write(output.ToString(), module.Bytes.Span);
                WriteBodies(output, made);
                return session.Report(Report(module.Content, module.Digest, output));
            }
        }
    }

    private static void WriteBodies(FileInfo output, ModulePlan plan)
    {
        using var bodies = File.Create(BodiesOf(output));
        foreach (var source in plan.Programs)
        {
            source.Content.Position = 0;
            source.Content.CopyTo(bodies);
            source.Content.Dispose();
        }
    }

    /// <summary>Where a module's programs lie, one behind the other.</summary>
    public static string BodiesOf(FileInfo module) => module + ".bodies";

    private static JsonObject Report(Module module, Digest digest, FileInfo output) => new()
    {
        ["module"] = output.ToString(),
        ["manifest"] = digest.ToString(),
        ["owner"] = module.Owner.ToString(),
        ["product"] = module.Product,
        ["sequence"] = module.Sequence,
        ["programs"] = new JsonArray([.. module.Programs.Select(program => (JsonNode)new JsonObject
        {
            ["name"] = program.Name,
            ["version"] = program.Version,
            ["bytes"] = program.Size,
            ["hash"] = program.Hash.ToString(),
        })]),
    };
}
