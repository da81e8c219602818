using Keywright.Protocol.Cbor;
using Keywright.Protocol.Cose;

namespace Keywright.Protocol.Firmware;

/// <summary>
/// The site's yes to a Claim (docs/spec/delivery.md §4). M0 under KDF(K_D, "grant"); at most 512 bytes. Made
/// once, stored, and given again byte for byte.
/// Refusals when read: Malformed, TooLarge, WrongVersion.
/// </summary>
public sealed record Grant : IMessage<Grant>
{
    public const int RandomSize = 32;

    /// <summary>H of the Claim's bytes.</summary>
    public required Digest Claim { get; init; }

    /// <summary>The Claim's n.</summary>
    public required ulong Number { get; init; }

    /// <summary>H of the Module message that will be sent.</summary>
    public required Digest Manifest { get; init; }

    /// <summary>Bytes of all its programs, in clear.</summary>
    public required ulong Size { get; init; }

    public DeliveryMode Mode { get; init; } = DeliveryMode.PerDevice;

    /// <summary>s: 32 random bytes of the site, part of every body key.</summary>
    public required ReadOnlyMemory<byte> SiteRandom { get; init; }

    public static MessageType Type { get; } = new("grant", Protection.Mac, 512);

    public void Write(CborWriter writer)
    {
        writer.Map(7).Key(0).UInt(1).Key(1).Digest(Claim).Key(2).UInt(Number).Key(3).Digest(Manifest);
        writer.Key(4).UInt(Size).Key(5).UInt((uint)Mode).Key(6).Bytes(SiteRandom.Span);
    }

    public static Grant Read(ref CborReader reader)
    {
        reader.Map(7);
        reader.Version(1);
        reader.Key(1);
        var claim = reader.Digest();
        reader.Key(2);
        var number = reader.Positive(Firmware.Claim.MaxNumber);
        reader.Key(3);
        var manifest = reader.Digest();
        reader.Key(4);
        var size = reader.UInt(long.MaxValue);
        reader.Key(5);
        var mode = (DeliveryMode)reader.Positive((uint)DeliveryMode.PerDevice);
        reader.Key(6);
        var random = reader.Bytes(RandomSize).ToArray();
        reader.EndMap();

        return new Grant
        {
            Claim = claim,
            Number = number,
            Manifest = manifest,
            Size = size,
            Mode = mode,
            SiteRandom = random,
        };
    }
}

/// <summary>How the bodies of a delivery are keyed.</summary>
public enum DeliveryMode
{
    /// <summary>Each body under a key of this device and this Grant.</summary>
    PerDevice = 1,
}
