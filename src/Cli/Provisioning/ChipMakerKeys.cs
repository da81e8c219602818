using System.Security.Cryptography;
using Keywright.Cli.Folders;
using Keywright.Keystores.Software;
using Keywright.Owner.Provisioning;
using Keywright.Protocol;
using Keywright.Protocol.Keys;

namespace Keywright.Cli.Provisioning;

/// <summary>What a chip maker's key file holds: the key that signs, and the record of its family.</summary>
internal sealed record ChipMakerKeys(SigningKey Key, ChipFamily Family) : IDisposable
{
    private const string KeyName = "chip maker";
    private const string FamilyName = "family";

    /// <summary>Refusals: those of the key file, UnknownKey, those of a family record.</summary>
    public static Outcome<ChipMakerKeys> Open(PartyFolder folder, Session session)
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

    /// <summary>
    /// Opens them, or makes them when there are none yet. Refusals: as above, and WrongFamily when the folder
    /// is another family's.
    /// </summary>
    public static Outcome<ChipMakerKeys> OpenOrMake(
        PartyFolder folder, Session session, string family, int shareCount)
    {
        if (folder.OpenOrCreateKeys(session, FileNames.ChipMakerKey, FileNames.Program)
            .Refused(out var file, out var why))
        {
            return why;
        }

        using (file)
        {
            return OpenOrMake(file, session.Entropy, family, shareCount);
        }
    }

    /// <summary>The same in a key file that is open.</summary>
    public static Outcome<ChipMakerKeys> OpenOrMake(KeyFile file, IEntropy entropy, string family, int shareCount)
    {
        if (!file.Names.Contains(FamilyName))
        {
            Make(file, entropy, family, shareCount);
        }

        if (In(file).Refused(out var keys, out var why))
        {
            return why;
        }

        if (keys.Family.Name == family && keys.Family.ShareCount == shareCount)
        {
            return keys;
        }

        using (keys)
        {
            return new Refusal(
                Reason.WrongFamily,
                $"this folder is of family {keys.Family.Name} with {keys.Family.ShareCount} shares");
        }
    }

    public void Dispose()
    {
        Key.Dispose();
        Family.Dispose();
    }

    private static void Make(KeyFile file, IEntropy entropy, string name, int shareCount)
    {
        using var key = SigningKey.Generate(entropy);
        using var family = ChipFamily.Create(name, shareCount, key.Public, entropy);
        var bytes = family.ToArray();
        using var record = new SecretRecord(bytes);
        CryptographicOperations.ZeroMemory(bytes);
        file.Add(KeyName, key);
        file.Add(FamilyName, record);
        file.Save();
    }

    private static Outcome<ChipMakerKeys> In(KeyFile file)
    {
        if (file.Record(FamilyName).Refused(out var record, out var why))
        {
            return why;
        }

        using (record)
        {
            if (ChipFamily.Parse(record.Expose()).Refused(out var family, out why)
                || file.Signing(KeyName).Refused(out var key, out why))
            {
                return why;
            }

            return new ChipMakerKeys(key, family);
        }
    }
}
