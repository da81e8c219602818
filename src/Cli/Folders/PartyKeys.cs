using System.Security.Cryptography;
using Keywright.Keystores.Software;
using Keywright.Protocol;

namespace Keywright.Cli.Folders;

/// <summary>The key file in a party's own folder.</summary>
internal static class PartyKeys
{
    /// <summary>
    /// The key file; the caller disposes it. Refusals: those of the key file. Throws <see
    /// cref="IOException"/> when there is none.
    /// </summary>
    public static Outcome<KeyFile> OpenKeys(this PartyFolder folder, Session session)
    {
        if (!File.Exists(folder.PathTo(FileNames.Keys)))
        {
            throw new IOException($"{folder.PathTo(FileNames.Keys)} is not there: run the init command first.");
        }

        return folder.WithPassphrase(session.Passphrase(), passphrase =>
            KeyFile.Open(folder.PathTo(FileNames.Keys), passphrase, session.Entropy));
    }

    /// <summary>
    /// The same, of a folder that may be new. Throws <see cref="IOException"/> when the key file is missing
    /// and something that was made with its keys is there: nothing is changed then.
    /// </summary>
    public static Outcome<KeyFile> OpenOrCreateKeys(
        this PartyFolder folder, Session session, params IReadOnlyList<string> made)
    {
        if (File.Exists(folder.PathTo(FileNames.Keys)))
        {
            return folder.OpenKeys(session);
        }

        if (made.Select(name => folder.PathTo(name)).FirstOrDefault(Path.Exists) is { } orphan)
        {
            throw new IOException(
                $"{folder.PathTo(FileNames.Keys)} is missing, but {orphan} is there: restore the key file; new keys "
                + "would make another party of this folder.");
        }

        return folder.CreateKeys(session, session.Passphrase(isNew: true));
    }

    /// <summary>
    /// A new key file, and its folder, under a passphrase that is wiped. Refusals: BadSeal for an empty one.
    /// </summary>
    public static Outcome<KeyFile> CreateKeys(this PartyFolder folder, Session session, byte[] typed)
    {
        Directory.CreateDirectory(folder.PathTo());
        return folder.WithPassphrase(typed, passphrase =>
            KeyFile.Create(folder.PathTo(FileNames.Keys), passphrase, session.Entropy));
    }

    private static Outcome<KeyFile> WithPassphrase(
        this PartyFolder folder, byte[] typed, Func<Passphrase, Outcome<KeyFile>> open)
    {
        if (typed.Length == 0)
        {
            return new Refusal(Reason.BadSeal, $"{folder.PathTo(FileNames.Keys)}: the passphrase is empty");
        }

        using var passphrase = new Passphrase(typed);
        CryptographicOperations.ZeroMemory(typed);
        return open(passphrase);
    }
}
