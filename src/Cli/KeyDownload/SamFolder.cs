using System.CommandLine;
using System.Security.Cryptography;
using Keywright.Cli.Folders;
using Keywright.Owner.KeyDownload;
using Keywright.Protocol;
using Keywright.Protocol.KeyDownload;
using Keywright.Protocol.Keys;

namespace Keywright.Cli.KeyDownload;

/// <summary>A SAM's own folder: its key file, which holds the SAM key, and its file of events.</summary>
internal static class SamFolder
{
    public static readonly Option<DirectoryInfo> Dir = PartyFolder.Option("SAM");

    private const string EventsName = "sam.kws";
    private const string KeyName = "sam";

    /// <summary>Makes a SAM here; a SAM key that is in the key file already is used.</summary>
    public static Outcome<Sam> Create(
        DirectoryInfo folder, Session session, TransportKey transport, ReadOnlySpan<byte> applicationId)
    {
        if (SamKey(folder, session, make: true).Refused(out var key, out var why))
        {
            return why;
        }

        using (key)
        {
            return Sam.Create(PathTo(folder, EventsName), key, transport, applicationId, session.Entropy);
        }
    }

    /// <summary>The SAM of this folder; the caller disposes it.</summary>
    public static Outcome<Sam> Open(DirectoryInfo folder, Session session)
    {
        if (SamKey(folder, session, make: false).Refused(out var key, out var why))
        {
            return why;
        }

        using (key)
        {
            return Sam.Open(PathTo(folder, EventsName), key, session.Entropy);
        }
    }

    private static Outcome<SealKey> SamKey(DirectoryInfo folder, Session session, bool make)
    {
        var party = new PartyFolder(folder);
        var opened = make ? party.OpenOrCreateKeys(session, EventsName) : party.OpenKeys(session);
        if (opened.Refused(out var keys, out var why))
        {
            return why;
        }

        using (keys)
        {
            if (make && !keys.Names.Contains(KeyName))
            {
                Span<byte> drawn = stackalloc byte[SealKey.Size];
                session.Entropy.Fill(drawn);
                using var key = SealKey.FromBytes(drawn);
                CryptographicOperations.ZeroMemory(drawn);
                keys.Add(KeyName, key);
                keys.Save();
            }

            return keys.Symmetric<SealKey>(KeyName);
        }
    }

    private static string PathTo(DirectoryInfo folder, string name) => Path.Combine(folder.FullName, name);
}
