using Keywright.Protocol.Cbor;
using Keywright.Protocol.Cose;

namespace Keywright.Protocol.Firmware;

/// <summary>
/// The site's yes to a Resume (docs/spec/delivery.md §10): the chain goes on at this number, with H(Resume) as
/// prev. M0 under KDF(K_D, "resumed"); at most 256 bytes. Made once, stored, and given again byte for byte.
/// Refusals when read: Malformed, TooLarge, WrongVersion.
/// </summary>
/// <param name="Resume">H of the Resume's bytes.</param>
/// <param name="Number">The number of the next Claim: from 2 on.</param>
public sealed record Resumed(Digest Resume, ulong Number) : IMessage<Resumed>
{
    private const ulong MinNumber = 2;

    public static MessageType Type { get; } = new("resumed", Protection.Mac, 256);

    public void Write(CborWriter writer) =>
        writer.Map(3).Key(0).UInt(1).Key(1).Digest(Resume).Key(2).UInt(Number);

    public static Resumed Read(ref CborReader reader)
    {
        reader.Map(3);
        reader.Version(1);
        reader.Key(1);
        var resume = reader.Digest();
        reader.Key(2);
        var number = reader.UInt(Claim.MaxNumber);
        reader.EndMap();
        if (number < MinNumber)
        {
            reader.Refuse(Reason.Malformed, "a Resume passes over at least number 1");
        }

        return new Resumed(resume, number);
    }
}
