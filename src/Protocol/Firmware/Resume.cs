using Keywright.Protocol.Cbor;
using Keywright.Protocol.Cose;

namespace Keywright.Protocol.Firmware;

/// <summary>
/// A device that lost its flash, or was told to, says where it stands (docs/spec/delivery.md §10). S1 by the
/// identity key where one is enrolled, else M0 under KDF(K_D, "resume"); at most 512 bytes. Refusals when
/// read: Malformed, TooLarge, WrongVersion.
/// </summary>
public sealed record Resume : IMessage<Resume>
{
    public const int NonceSize = 16;

    public required DeviceId Device { get; init; }

    /// <summary>Which of the device's keys the answer comes under.</summary>
    public required uint Kid { get; init; }

    /// <summary>r: the recovery counter, raised for this message; from 1 on.</summary>
    public required ulong Recovery { get; init; }

    /// <summary>n: the number at which the device stands, one above its last closed; from 1 on.</summary>
    public required ulong Number { get; init; }

    /// <summary>The epoch of the last Resync that the device had.</summary>
    public required SiteEpoch Epoch { get; init; }

    /// <summary>16 random bytes.</summary>
    public required ReadOnlyMemory<byte> Nonce { get; init; }

    public static MessageType Type { get; } = new("resume", Protection.Signature | Protection.Mac, 512);

    public void Write(CborWriter writer) => writer.Map(7)
        .Key(0).UInt(1)
        .Key(1).Text(Device.ToString())
        .Key(2).UInt(Kid)
        .Key(3).UInt(Recovery)
        .Key(4).UInt(Number)
        .Key(5).Bytes(Epoch.ToArray())
        .Key(6).Bytes(Nonce.Span);

    public static Resume Read(ref CborReader reader)
    {
        reader.Map(7);
        reader.Version(1);
        reader.Key(1);
        var device = DeviceId.Read(ref reader);
        reader.Key(2);
        var kid = reader.UInt32();
        reader.Key(3);
        var recovery = reader.Positive(long.MaxValue);
        reader.Key(4);
        var number = reader.Positive(Claim.MaxNumber);
        reader.Key(5);
        var epoch = SiteEpoch.Read(ref reader);
        reader.Key(6);
        var nonce = reader.Bytes(NonceSize).ToArray();
        reader.EndMap();

        return new Resume
        {
            Device = device,
            Kid = kid,
            Recovery = recovery,
            Number = number,
            Epoch = epoch,
            Nonce = nonce,
        };
    }
}
