using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Keywright.Cli.Folders;
using Keywright.Keystores.Software;
using Keywright.Protocol;
using Keywright.Protocol.Keys;

namespace Keywright.Cli.Diagnostics;

/// <summary>
/// An owner's diagnostics keys: "diagnostics-EPOCH" in its key file, counted from 1; old ones stay.
/// </summary>
internal static class DiagnosticsKeys
{
    private const string Prefix = "diagnostics-";

    /// <summary>The owner's own folder.</summary>
    public static readonly Option<DirectoryInfo> Folder = PartyFolder.Option("owner");

    private static readonly Option<FileInfo?> Out = new("--out")
    {
        Description = "file for the public key, 65 bytes",
    };

    /// <summary><c>keywright owner new-diagnostics-key</c>.</summary>
    public static Command Create()
    {
        var command = new Command(
            "new-diagnostics-key",
            "draws the owner's next diagnostics key; older dumps still open with the older ones\n\nExample:\n"
            + "  keywright owner new-diagnostics-key --dir owner-a --out owner-a/diagnostics.pub")
        {
            Folder, Out,
        };
        command.SetAction(parsed => Run(parsed, new Session(parsed)));
        return command;
    }

    /// <summary>
    /// The private keys of all epochs, which the caller disposes. Refusals: those of the key file,
    /// UnknownKey.
    /// </summary>
    public static Outcome<IReadOnlyList<HpkePrivateKey>> Open(Session session, DirectoryInfo folder)
    {
        if (new PartyFolder(folder).OpenKeys(session).Refused(out var file, out var why))
        {
            return why;
        }

        using (file)
        {
            HpkePrivateKey[] keys = [.. Epochs(file).Select(epoch => file.Opening(NameOf(epoch)).OrThrow())];
            return keys.Length > 0
                ? keys
                : new Refusal(Reason.UnknownKey, $"no diagnostics key in the key file of {folder.FullName}");
        }
    }

    private static int Run(ParseResult parsed, Session session)
    {
        var folder = new PartyFolder(parsed.GetRequiredValue(Folder));
        if (folder.OpenOrCreateKeys(session, FileNames.ModuleKey).Refused(out var file, out var why))
        {
            return session.Refuse(why);
        }

        using (file)
        {
            using var key = HpkePrivateKey.Generate(session.Entropy);
            var epoch = Epochs(file).DefaultIfEmpty().Max() + 1;
            file.Add(NameOf(epoch), key);
            file.Save();
            if (parsed.GetValue(Out) is { } path)
            {
                PublicFile.Write(path.ToString(), key.Public.Bytes);
            }

            return session.Report(new JsonObject { ["epoch"] = epoch, ["kid"] = key.Public.Id.ToString() });
        }
    }

    private static IEnumerable<int> Epochs(KeyFile file) => file.Names
        .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
        .Select(name => int.Parse(name.AsSpan(Prefix.Length), CultureInfo.InvariantCulture))
        .OrderDescending();

    private static string NameOf(int epoch) => Prefix + epoch.ToString(CultureInfo.InvariantCulture);
}
