using System.CommandLine;
using System.Text;
using Keywright.Cli.Folders;
using Keywright.Keystores.Software;
using Keywright.Protocol;
using Keywright.Protocol.Backup.Log;
using Keywright.Protocol.Keys;
using Keywright.PublicDirectory.Backup;
using Keywright.Station.Backup;

namespace Keywright.Cli.Backup;

/// <summary>
/// The folder of the one who keeps the directory: the log's key, its verifier key to hand out, and the public
/// files, opened to write.
/// </summary>
internal sealed class DirectoryFolder : IPublisher, IDisposable
{
    /// <summary>The folder of every command of the directory's keeper.</summary>
    public static readonly Option<DirectoryInfo> Dir = PartyFolder.Option("directory keeper");

    /// <summary>The log's verifier key.</summary>
    public const string LogKeyFile = "log.vkey";

    /// <summary>
    /// The public files: what a web server serves, a mirror copies, and devices recover from.
    /// </summary>
    public const string PublicFolder = "public";

    private const string KeyName = "log";

    private readonly SigningKey signer;
    private readonly DiskFiles files;

    private DirectoryFolder(SigningKey signer, DiskFiles files, DirectoryLog log)
    {
        this.signer = signer;
        this.files = files;
        Log = log;
    }

    public DirectoryLog Log { get; }

    /// <summary>
    /// Makes a directory with an empty log; one of this name stays as it is. Refusals: those of the key file.
    /// Throws <see cref="IOException"/> when the folder is another log's.
    /// </summary>
    public static Outcome<DirectoryFolder> Create(DirectoryInfo where, string name, Session session)
    {
        var folder = new PartyFolder(where);
        if (folder.OpenOrCreateKeys(session, LogKeyFile, PublicFolder).Refused(out var keys, out var why))
        {
            return why;
        }

        using (keys)
        {
            if (!keys.Names.Contains(KeyName))
            {
                using var made = SigningKey.Generate(session.Entropy);
                keys.Add(KeyName, made);
                keys.Save();
            }

            var path = folder.PathTo(LogKeyFile);
            return File.Exists(path) && NameIn(path) is var taken && taken != name
                ? throw new IOException($"{path} is there already: this directory's log is {taken}.")
                : Open(folder, name, keys);
        }
    }

    /// <summary>Refusals: those of the key file, UnknownKey. Throws when there is none.</summary>
    public static Outcome<DirectoryFolder> Open(DirectoryInfo where, Session session)
    {
        var folder = new PartyFolder(where);
        if (folder.OpenKeys(session).Refused(out var keys, out var why))
        {
            return why;
        }

        using (keys)
        {
            return Open(folder, NameIn(folder.PathTo(LogKeyFile)), keys);
        }
    }

    public Outcome<byte[]> Publish(ReadOnlyMemory<byte> entry) =>
        PublishEntry.Run(Log, entry).Refused(out var listed, out var why)
            ? why
            : ProveEntry.Run(files, listed);

    public void Dispose()
    {
        files.Dispose();
        signer.Dispose();
    }

    private static Outcome<DirectoryFolder> Open(PartyFolder folder, string name, KeyFile keys)
    {
        if (keys.Signing(KeyName).Refused(out var signer, out var why))
        {
            return why;
        }

        var path = folder.PathTo(LogKeyFile);
        var line = Encoding.ASCII.GetBytes($"{new LogKey(name, signer.Public)}\n");
        if (!File.Exists(path))
        {
            PublicFile.Write(path, line);
        }

        DiskFiles? files = null;
        try
        {
            files = DiskFiles.ForWriting(folder.PathTo(PublicFolder));
            return new DirectoryFolder(signer, files, DirectoryLog.Open(files, name, signer));
        }
        catch
        {
            files?.Dispose();
            signer.Dispose();
            throw;
        }
    }

    private static string NameIn(string path) =>
        LogKey.Parse(File.ReadAllText(path).TrimEnd()).Refused(out var key, out var why)
            ? throw new InvalidDataException($"{path} is damaged: {why.Detail}")
            : key.Name;
}
