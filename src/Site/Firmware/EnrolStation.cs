using Keywright.Protocol;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Sealing.Firmware;

namespace Keywright.Site.Firmware;

/// <summary>
/// Makes a tool at a factory a station (docs/spec/programming.md §2): draws its generator state and Take key,
/// keeps them sealed, and gives both to the station alone.
/// </summary>
public sealed class EnrolStation(
    IStationRegister stations,
    IRecordSealer sealer,
    SigningKey programmingKey,
    SiteEpoch epoch,
    IEntropy entropy,
    TimeProvider time)
{
    /// <summary>
    /// Enrols a station whose key was brought to the site by a way that can be trusted. The same name,
    /// factory and key again get the same message again. Refusals: Malformed for a bad name, IdentityTaken
    /// for a name that was ever given away.
    /// </summary>
    public Outcome<byte[]> Enrol(string name, string factory, HpkePublicKey stationKey)
    {
        var malformed = ShortText.Judge("station's name", name) ?? ShortText.Judge("factory's name", factory);
        if (malformed is not null)
        {
            return malformed;
        }

        using var secrets = StationSecrets.Draw(entropy);
        var enrolment = EnrolmentSealer.Seal(
            name, factory, epoch, secrets, stationKey, programmingKey, entropy);
        var now = time.GetUtcNow();
        stations.Add(new StationRecord
        {
            Id = RecordId.New(now, entropy),
            Name = name,
            Factory = factory,
            Key = stationKey.Id,
            Enrolment = enrolment.Bytes,
            TakeKey = sealer.Seal(secrets.TakeKey, StationRecord.TakeKeyContext(name)),
            NextTurn = 0,
            Generator = sealer.Seal(secrets.Generator, StationRecord.GeneratorContext(name, 0)),
            EnrolledAt = now,
        });

        var kept = stations.Find(name)!;
        return kept.Factory == factory && kept.Key == stationKey.Id
            ? kept.Enrolment.ToArray()
            : new Refusal(
                Reason.IdentityTaken, $"a station {name} was enrolled before: names are never given twice");
    }
}
