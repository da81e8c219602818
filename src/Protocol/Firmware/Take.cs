using Keywright.Protocol.Cbor;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Keys;

namespace Keywright.Protocol.Firmware;

/// <summary>
/// A station asks for the file of one chip (docs/spec/programming.md §4): M0 under its Take key, at most 512
/// bytes. Refusals when read: Malformed, TooLarge, WrongVersion, UnknownKey.
/// </summary>
public sealed record Take : IMessage<Take>
{
    public static MessageType Type { get; } = new("take", Protection.Mac, 512);

    /// <summary>The highest turn, 2³² − 2.</summary>
    public const uint MaxTurn = uint.MaxValue - 1;

    /// <summary>Who asks.</summary>
    public required string Station { get; init; }

    /// <summary>j: the turn of the station's generator.</summary>
    public required uint Turn { get; init; }

    /// <summary>What the chip is to become.</summary>
    public required string DeviceType { get; init; }

    /// <summary>H of the order that the chip was provisioned under.</summary>
    public required Digest Order { get; init; }

    public required ChipId Chip { get; init; }

    /// <summary>Fresh for this Take: the File is sealed to it.</summary>
    public required HpkePublicKey Fresh { get; init; }

    public static Take Read(ref CborReader reader)
    {
        reader.Map(7);
        reader.Version(1);
        reader.Key(1);
        var station = ShortText.Read(ref reader);
        reader.Key(2);
        var turn = reader.UInt32(MaxTurn);
        reader.Key(3);
        var deviceType = ShortText.Read(ref reader);
        reader.Key(4);
        var order = reader.Digest();
        reader.Key(5);
        var chip = ChipId.Read(ref reader);
        reader.Key(6);
        var fresh = HpkePublicKey.Read(ref reader);
        reader.EndMap();
        return new Take
        {
            Station = station,
            Turn = turn,
            DeviceType = deviceType,
            Order = order,
            Chip = chip,
            Fresh = fresh,
        };
    }

    public void Write(CborWriter writer) => writer.Map(7)
        .Key(0).UInt(1)
        .Key(1).Text(Station)
        .Key(2).UInt(Turn)
        .Key(3).Text(DeviceType)
        .Key(4).Digest(Order)
        .Key(5).Bytes(Chip.ToArray())
        .Key(6).Bytes(Fresh.Bytes);
}
