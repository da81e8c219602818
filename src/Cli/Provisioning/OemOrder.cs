using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json.Nodes;
using Keywright.Cli.Folders;
using Keywright.Owner.Provisioning;
using Keywright.Protocol;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Provisioning;

namespace Keywright.Cli.Provisioning;

/// <summary><c>keywright oem order</c>: what a factory may make, signed over sealed packages.</summary>
internal static class OemOrder
{
    private static readonly Option<string> Id =
        FileNames.Option("--id", "the order's number, never given twice");

    private static readonly Option<string> Product = new("--product")
    {
        Description = "what is made",
        Required = true,
    };

    private static readonly Option<string> Factory = new("--factory")
    {
        Description = "who makes it",
        Required = true,
    };

    private static readonly Option<string?> Family = new("--family")
    {
        Description = "of which chips (else the packages' family)",
    };

    private static readonly Option<uint[]> Lots = new Option<uint[]>("--lots")
    {
        Description = "from which lots: 1,2",
        Required = true,
        AllowMultipleArgumentsPerToken = true,
        CustomParser = ReadLots,
    }.Must(lots => lots.Distinct().Count() == lots.Length, "each lot once");

    private static readonly Option<uint> Quota = new Option<uint>("--quota")
    {
        Description = "how many chips may be provisioned",
        Required = true,
    }.Must(quota => quota >= 1, "at least 1");

    private static readonly Option<string[]> Packages = new Option<string[]>("--package")
    {
        Description = "names of the packages that belong to it",
        Required = true,
        AllowMultipleArgumentsPerToken = true,
    }.Must(names => names.Distinct().Count() == names.Length, "each package once");

    public static Command Create()
    {
        var command = new Command(
            "order",
            "signs an order over packages that are sealed already; writes orders/ID.cose\n\nExample:\n"
            + "  keywright oem order --dir oem --id 2026-1 --product kettle --factory north --lots 1 "
            + "--quota 100 --package kettle-1")
        {
            OemInit.Dir, Id, Product, Factory, Family, Lots, Quota, Packages,
        };
        command.SetAction(parsed => Run(parsed, new Session(parsed)));
        return command;
    }

    private static int Run(ParseResult parsed, Session session)
    {
        var folder = new PartyFolder(parsed.GetRequiredValue(OemInit.Dir));
        var path = folder.PathTo(FileNames.Orders, parsed.GetRequiredValue(Id) + FileNames.OrderSuffix);
        PublicFile.MustNotExist(path);
        var packages = parsed.GetRequiredValue(Packages)
            .Select(name => new ReadOnlyMemory<byte>(
                File.ReadAllBytes(OemSeal.PathTo(folder, name, FileNames.PackageSuffix))))
            .ToList();
        if (PackageDigest.ParseHeader(packages[0].Span).Refused(out var header, out var why)
            || folder.OpenKeys(session).Refused(out var keys, out why))
        {
            return session.Refuse(why);
        }

        using (keys)
        {
            if (keys.Signing(OemInit.OrderKey).Refused(out var key, out why))
            {
                return session.Refuse(why);
            }

            using (key)
            {
                var order = OrderOf(parsed, header, session.Clock.GetUtcNow());
                if (SignOrder.Run(order, packages, key).Refused(out var signed, out why))
                {
                    return session.Refuse(why);
                }

                PublicFile.WriteNew(path, signed.Bytes.Span);
                return session.Report(Report(path, signed));
            }
        }
    }

    private static Order OrderOf(ParseResult parsed, PackageHeader header, DateTimeOffset now) => new(
        parsed.GetRequiredValue(Id),
        parsed.GetRequiredValue(Product),
        parsed.GetRequiredValue(Factory),
        parsed.GetValue(Family) ?? header.Family,
        parsed.GetRequiredValue(Lots),
        parsed.GetRequiredValue(Quota),
        header.Mode,
        [],
        (ulong)now.ToUnixTimeSeconds());

    private static JsonObject Report(string path, Verified<Order> order) => new()
    {
        ["id"] = order.Content.Id,
        ["order"] = order.Digest.ToString(),
        ["file"] = path,
        ["product"] = order.Content.Product,
        ["factory"] = order.Content.Factory,
        ["family"] = order.Content.Family,
        ["mode"] = order.Content.Mode.ToString().ToLowerInvariant(),
        ["lots"] = new JsonArray([.. order.Content.Lots.Select(lot => JsonValue.Create(lot))]),
        ["quota"] = order.Content.Quota,
        ["packages"] = new JsonArray(
            [.. order.Content.Packages.Select(package => JsonValue.Create(package.ToString()))]),
    };

    private static uint[] ReadLots(ArgumentResult result)
    {
        var lots = new List<uint>();
        foreach (var word in result.Tokens.SelectMany(token => token.Value.Split(',')))
        {
            if (!uint.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var lot))
            {
                result.AddError($"--lots: '{word}' is no lot number.");
                return [];
            }

            lots.Add(lot);
        }

        return [.. lots];
    }
}
