using System.CommandLine;
using System.Security.Cryptography;
using Keywright.Cli.CommandLine;
using Keywright.Keystores.Software;
using Keywright.Protocol;

namespace Keywright.Cli.Folders;

/// <summary>
/// One party's own folder: its key file, what it made, and what it was handed, under fixed names, so that
/// commands find them by themselves.
/// </summary>
internal sealed class PartyFolder(DirectoryInfo folder)
{
    /// <summary>The option by which every party's commands are told their folder.</summary>
    public static Option<DirectoryInfo> Option(string whose) => new("--dir")
    {
        Description = $"the {whose}'s own folder",
        DefaultValueFactory = _ => new DirectoryInfo("."),
    };

    /// <summary>An option for a file that is looked for in the folder when it is not given.</summary>
    public static Option<FileInfo> FileOption(string option, string description, string fileName) =>
        new Option<FileInfo>(option)
        {
            Description = $"{description} (else {fileName} in the folder)",
        }.AcceptExistingOnly();

    /// <summary>The path of a file in it, as people would type it.</summary>
    public string PathTo(params string[] names) =>
        names.Aggregate(folder.ToString(), Path.Combine);

    /// <summary>The file that was given, else the one under its usual name.</summary>
    public string PathTo(FileInfo? given, params string[] names) => given?.ToString() ?? PathTo(names);

    /// <summary>
    /// The key file; the caller disposes it. Refusals: those of the key file. Throws <see
    /// cref="IOException"/> when there is none.
    /// </summary>
    public Outcome<KeyFile> OpenKeys(Session session)
    {
        if (!File.Exists(PathTo(FileNames.Keys)))
        {
            throw new IOException($"{PathTo(FileNames.Keys)} is not there: run the init command first.");
        }

        return WithPassphrase(session.Passphrase(), passphrase =>
            KeyFile.Open(PathTo(FileNames.Keys), passphrase, session.Entropy));
    }

    /// <summary>
    /// The same, of a folder that may be new. Throws <see cref="IOException"/> when the key file is missing
    /// and something that was made with its keys is there: nothing is changed then.
    /// </summary>
    public Outcome<KeyFile> OpenOrCreateKeys(Session session, params IReadOnlyList<string> made)
    {
        if (File.Exists(PathTo(FileNames.Keys)))
        {
            return OpenKeys(session);
        }

        if (made.Select(name => PathTo(name)).FirstOrDefault(Path.Exists) is { } orphan)
        {
            throw new IOException(
                $"{PathTo(FileNames.Keys)} is missing, but {orphan} is there: restore the key file; new keys "
                + "would make another party of this folder.");
        }

        var typed = session.Passphrase(isNew: true);
        folder.Create();
        return WithPassphrase(typed, passphrase =>
            KeyFile.Create(PathTo(FileNames.Keys), passphrase, session.Entropy));
    }

    private Outcome<KeyFile> WithPassphrase(byte[] typed, Func<Passphrase, Outcome<KeyFile>> open)
    {
        if (typed.Length == 0)
        {
            return new Refusal(Reason.BadSeal, $"{PathTo(FileNames.Keys)}: the passphrase is empty");
        }

        using var passphrase = new Passphrase(typed);
        CryptographicOperations.ZeroMemory(typed);
        return open(passphrase);
    }
}
