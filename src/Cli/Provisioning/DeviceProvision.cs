using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using Keywright.Chips;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Provisioning;

namespace Keywright.Cli.Provisioning;

/// <summary>
/// <c>keywright device provision</c> and <c>device receipt</c>: a chip alone with what it is given. No
/// station looks at it first, so this is also what a factory can do that keeps no rules.
/// </summary>
internal static class DeviceProvision
{
    private static readonly Option<FileInfo> Program = Input("--program", "the provisioning program");
    private static readonly Option<FileInfo> Package = Input("--package", "the sealed package");
    private static readonly Option<FileInfo> Unlock = Input("--unlock", "the unlock");
    private static readonly Option<FileInfo> Order = Input("--order", "the signed order");
    private static readonly Option<FileInfo> OrderKey = Input("--order-key", "the public order key");

    private static readonly Option<FileInfo> Out = new("--out") { Description = "file for the receipt" };

    public static Command Create()
    {
        var command = new Command(
            "provision",
            "gives one chip everything as it is; the chip alone judges (a lot: station provision)"
            + "\n\nExample:\n  keywright device provision --chip chips/001 --program program.cose "
            + "--package kettle-1.package --unlock kettle-1.unlock --order 2026-1.cose --order-key order.pub")
        {
            DeviceIdentify.Chip, Program, Package, Unlock, Order, OrderKey, Out,
        };
        command.SetAction(parsed => Run(parsed, "provisioning", InputsOf(parsed)));
        return command;
    }

    public static Command Receipt()
    {
        var command = new Command(
            "receipt",
            "the chip's receipt again, byte for byte as it was signed\n\nExample:\n"
            + "  keywright device receipt --chip chips/001 --out 001.receipt")
        {
            DeviceIdentify.Chip, Out,
        };
        command.SetAction(parsed => Run(parsed, "receipt", new MemoryHost()));
        return command;
    }

    private static MemoryHost InputsOf(ParseResult parsed)
    {
        byte[] Read(Option<FileInfo> file) => File.ReadAllBytes(parsed.GetRequiredValue(file).FullName);
        var package = Read(Package);
        var mode = PackageDigest.ParseHeader(package).Refused(out var header, out _)
            ? PackageMode.Family
            : header.Mode;
        return new MemoryHost()
            .With("program", Read(Program))
            .With("command", Encoding.UTF8.GetBytes(ProvisioningProgram.CommandFor(mode)))
            .With("package", package)
            .With("unlock", Read(Unlock))
            .With("order", Read(Order))
            .With("order-key", Read(OrderKey));
    }

    private static int Run(ParseResult parsed, string chipCommand, MemoryHost host)
    {
        var session = new Session(parsed);
        var folder = parsed.GetRequiredValue(DeviceIdentify.Chip).FullName;
        using var chip = ChipFolder.Open(folder, session.Entropy);
        if (chip.Identify().Refused(out var facts, out var why))
        {
            return session.Refuse(why);
        }

        if (chip.Execute(chipCommand, host) is { } refusal)
        {
            return session.Refuse(refusal);
        }

        var receipt = host.Emitted("receipt");
        if (parsed.GetValue(Out) is { } path)
        {
            PublicFile.Write(path.FullName, receipt);
        }

        return session.Report(new JsonObject
        {
            ["chip"] = facts.ChipId.ToString(),
            ["receipt"] = Convert.ToHexStringLower(receipt),
        });
    }

    private static Option<FileInfo> Input(string name, string description) =>
        new Option<FileInfo>(name) { Description = description, Required = true }.AcceptExistingOnly();
}
