using Keywright.Protocol.Cbor;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Keys;

namespace Keywright.Protocol.Sealing.Firmware;

/// <summary>The site's side of an enrolment (docs/spec/programming.md §2).</summary>
public static class EnrolmentSealer
{
    /// <summary>Seals the secrets to the station's key and signs the whole; the first turn is 0.</summary>
    public static Verified<Enrolment> Seal(
        string station,
        string factory,
        SiteEpoch epoch,
        StationSecrets secrets,
        HpkePublicKey stationKey,
        SigningKey programmingKey,
        IEntropy entropy)
    {
        using var writer = new CborWriter(128);
        writer.Map(3)
            .Key(0).UInt(1)
            .Key(1).Bytes(secrets.Generator.Expose())
            .Key(2).Bytes(secrets.TakeKey.Expose());
        var enrolment = new Enrolment
        {
            Station = station,
            Factory = factory,
            Epoch = epoch,
            Turn = 0,
            Sealed = HpkeSealer.Seal(writer.Written, Enrolment.Binding(station, 0), [stationKey], entropy),
        };
        return Message.Sign(enrolment, programmingKey);
    }
}
