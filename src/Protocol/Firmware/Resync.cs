using Keywright.Protocol.Cbor;
using Keywright.Protocol.Cose;

namespace Keywright.Protocol.Firmware;

/// <summary>
/// The site stands elsewhere in the chain, or in another life, than the message that it answers
/// (docs/spec/delivery.md §10): the device is to resume. It accuses nobody. M0 under KDF(K_D, "resync"); at
/// most 256 bytes. Refusals when read: Malformed, TooLarge, WrongVersion.
/// </summary>
/// <param name="Message">H of the Claim or Resume.</param>
/// <param name="Epoch">Which life of the site says so.</param>
public sealed record Resync(Digest Message, SiteEpoch Epoch) : IMessage<Resync>
{
    public static MessageType Type { get; } = new("resync", Protection.Mac, 256);

    public void Write(CborWriter writer) =>
        writer.Map(3).Key(0).UInt(1).Key(1).Digest(Message).Key(2).Bytes(Epoch.ToArray());

    public static Resync Read(ref CborReader reader)
    {
        reader.Map(3);
        reader.Version(1);
        reader.Key(1);
        var message = reader.Digest();
        reader.Key(2);
        var epoch = SiteEpoch.Read(ref reader);
        reader.EndMap();
        return new Resync(message, epoch);
    }
}
