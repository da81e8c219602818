using Keywright.Cli.Folders;
using Keywright.Protocol;
using Keywright.Site.Firmware;
using Keywright.Station.Firmware;

namespace Keywright.Cli.Firmware;

/// <summary>A site in a folder of this machine, run in this process.</summary>
internal sealed class SiteInFolder : ISiteLink, IDisposable
{
    private readonly SiteFolder folder;
    private readonly SiteKeys keys;
    private readonly ProgramDevice site;

    private SiteInFolder(SiteFolder folder, SiteKeys keys, Session session)
    {
        this.folder = folder;
        this.keys = keys;
        site = folder.Programming(keys, session);
    }

    /// <summary>Refusals: those of the site's key file.</summary>
    public static Outcome<SiteInFolder> Open(DirectoryInfo where, Session session)
    {
        var folder = SiteFolder.Open(where);
        if (folder.OpenKeys(session).Refused(out var keys, out var why))
        {
            folder.Dispose();
            return why;
        }

        return new SiteInFolder(folder, keys, session);
    }

    public Outcome<byte[]> Take(ReadOnlyMemory<byte> message) =>
        site.Answer(message).Refused(out var file, out var why) ? ProgramDevice.Outward(why) : file;

    public void Dispose()
    {
        keys.Dispose();
        folder.Dispose();
    }
}

/// <summary>
/// A folder that people carry between station and site: a Take goes out as a file, the answer comes back
/// beside it.
/// </summary>
internal sealed class MailFolder(DirectoryInfo folder, ProgrammingJournal journal) : ISiteLink
{
    public Outcome<byte[]> Take(ReadOnlyMemory<byte> message)
    {
        var take = Path.Combine(folder.ToString(), $"turn-{journal.Open!.Take.Content.Turn}.take");
        var file = Path.ChangeExtension(take, ".file");
        if (File.Exists(file))
        {
            return File.ReadAllBytes(file);
        }

        PublicFile.Write(take, message.Span);
        throw new AnswerAwaitedException(take, file);
    }
}

/// <summary>
/// The Take lies in the mail folder; the same command goes on once the answer lies there too.
/// </summary>
internal sealed class AnswerAwaitedException(string take, string file)
    : IOException($"bring {take} to the site, and its answer back as {file}")
{
    public string Take { get; } = take;

    public string File { get; } = file;
}
