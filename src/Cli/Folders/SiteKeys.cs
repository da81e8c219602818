using System.Security.Cryptography;
using Keywright.Keystores.Software;
using Keywright.Protocol;
using Keywright.Protocol.Keys;

namespace Keywright.Cli.Folders;

/// <summary>
/// What a site's key file holds: the master key of its database, the key that signs enrolments and program
/// files, and the key that signs identity certificates.
/// </summary>
internal sealed record SiteKeys(SealKey Master, SigningKey Programming, SigningKey Issuing) : IDisposable
{
    private const string MasterName = "master";
    private const string ProgrammingName = "programming";
    private const string IssuingName = "issuing";

    /// <summary>Refusals: those of the key file, UnknownKey.</summary>
    public static Outcome<SiteKeys> Open(PartyFolder folder, Session session)
    {
        if (folder.OpenKeys(session).Refused(out var file, out var why))
        {
            return why;
        }

        using (file)
        {
            return In(file);
        }
    }

    /// <summary>Opens them; draws what is not there yet. Refusals: as above.</summary>
    public static Outcome<SiteKeys> OpenOrMake(PartyFolder folder, Session session)
    {
        if (folder.OpenOrCreateKeys(
                session, FileNames.SiteDatabase, FileNames.ProgrammingKey, FileNames.IssuingKey)
            .Refused(out var file, out var why))
        {
            return why;
        }

        using (file)
        {
            if (!file.Names.Contains(MasterName))
            {
                Make(file, session.Entropy);
            }

            return In(file);
        }
    }

    public void Dispose()
    {
        Master.Dispose();
        Programming.Dispose();
        Issuing.Dispose();
    }

    private static void Make(KeyFile file, IEntropy entropy)
    {
        Span<byte> drawn = stackalloc byte[SealKey.Size];
        entropy.Fill(drawn);
        using var master = SealKey.FromBytes(drawn);
        CryptographicOperations.ZeroMemory(drawn);
        using var programming = SigningKey.Generate(entropy);
        using var issuing = SigningKey.Generate(entropy);
        file.Add(MasterName, master);
        file.Add(ProgrammingName, programming);
        file.Add(IssuingName, issuing);
        file.Save();
    }

    private static Outcome<SiteKeys> In(KeyFile file)
    {
        if (file.Symmetric<SealKey>(MasterName).Refused(out var master, out var why)
            || file.Signing(ProgrammingName).Refused(out var programming, out why)
            || file.Signing(IssuingName).Refused(out var issuing, out why))
        {
            return why;
        }

        return new SiteKeys(master, programming, issuing);
    }
}
