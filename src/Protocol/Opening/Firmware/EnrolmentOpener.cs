using System.Security.Cryptography;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Keys;

namespace Keywright.Protocol.Opening.Firmware;

/// <summary>The station's side of an enrolment (docs/spec/programming.md §2).</summary>
public static class EnrolmentOpener
{
    /// <summary>
    /// Verifies an enrolment by the site's programming key, which the station was given by another way.
    /// Refusals: as <see cref="Message.Parse{T}"/>, BadSignature.
    /// </summary>
    public static Outcome<Verified<Enrolment>> Verify(
        ReadOnlyMemory<byte> enrolment, PublicKey programmingKey) =>
        Message.Parse<Enrolment>(enrolment).Refused(out var unverified, out var malformed)
            ? malformed
            : unverified.VerifySignature(programmingKey);

    /// <summary>
    /// Opens the secrets; the caller disposes them. Refusals: NotTheRecipient, BadSeal, Malformed, TooLarge,
    /// WrongVersion.
    /// </summary>
    public static Outcome<StationSecrets> Open(Verified<Enrolment> enrolment, HpkePrivateKey stationKey)
    {
        var outside = enrolment.Content;
        var binding = Enrolment.Binding(outside.Station, outside.Turn);
        if (HpkeOpener.Open(outside.Sealed.Span, binding, stationKey, Enrolment.MaxSealedBytes)
            .Refused(out var opened, out var why))
        {
            return why;
        }

        try
        {
            var reader = new CborReader(opened);
            reader.Map(3);
            reader.Version(1);
            reader.Key(1);
            var generator = reader.Bytes(GeneratorState.Size);
            reader.Key(2);
            var takeKey = reader.Bytes(MacKey.Size);
            reader.EndMap();
            return reader.Finish() is { } malformed
                ? malformed
                : new StationSecrets(GeneratorState.FromBytes(generator), MacKey.FromBytes(takeKey));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(opened);
        }
    }
}
