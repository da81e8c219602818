using Keywright.Cli.Folders;
using Keywright.Protocol;
using Keywright.Site.Backup;
using Keywright.Station.Backup;
using Keywright.Storage.Sqlite.Backup;

namespace Keywright.Cli.Backup;

/// <summary>A site in this process, as the station meets it when it certifies a device.</summary>
internal sealed class SiteCertifier : ICertifier
{
    private readonly ChallengeChip challenge;
    private readonly IssueCertificate issue;

    public SiteCertifier(SiteFolder site, SiteKeys keys, Session session)
    {
        var certificates = new SqliteCertificates(site.Database);
        challenge = new ChallengeChip(site.Chips, certificates, session.Entropy, session.Clock);
        issue = new IssueCertificate(
            site.Chips, site.Devices, certificates, keys.Issuing, session.Clock);
    }

    public Outcome<byte[]> OpenNonce(ChipId chip) => challenge.Open(chip);

    public Outcome<ReadOnlyMemory<byte>> Certify(ReadOnlyMemory<byte> possession) => issue.Answer(possession);
}
