using Keywright.Protocol.Cbor;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Keys;

namespace Keywright.Protocol.Backup;

/// <summary>
/// S1&lt;identity, issuing key&gt;: which device a chip is, of which product, and its three public keys (docs/spec/backup.md
/// §4). At most 768 bytes. Refusals when read: Malformed, TooLarge, WrongVersion, UnknownKey.
/// </summary>
public sealed record Certificate : IMessage<Certificate>
{
    public static MessageType Type { get; } = new("identity", Protection.Signature, 768);

    public required ChipId Chip { get; init; }

    public required DeviceId Device { get; init; }

    public required string DeviceType { get; init; }

    /// <summary>Verifies the chip's messages.</summary>
    public required PublicKey Identity { get; init; }

    /// <summary>The key of its TLS certificate.</summary>
    public required PublicKey Tls { get; init; }

    /// <summary>Seals to the chip.</summary>
    public required HpkePublicKey Kem { get; init; }

    /// <summary>Seconds since 1970-01-01 UTC.</summary>
    public required ulong Issued { get; init; }

    /// <summary>The station that programmed the device.</summary>
    public required string Station { get; init; }

    /// <summary>What the device is one of: the product of each Issuer that it is judged with.</summary>
    public required string Product { get; init; }

    public static Certificate Read(ref CborReader reader)
    {
        reader.Map(10);
        reader.Version(1);
        reader.Key(1);
        var chip = ChipId.Read(ref reader);
        reader.Key(2);
        var device = DeviceId.Read(ref reader);
        reader.Key(3);
        var deviceType = ShortText.Read(ref reader);
        reader.Key(4);
        var identity = PublicKey.Read(ref reader);
        reader.Key(5);
        var tls = PublicKey.Read(ref reader);
        reader.Key(6);
        var kem = HpkePublicKey.Read(ref reader);
        reader.Key(7);
        var issued = reader.UInt(long.MaxValue);
        reader.Key(8);
        var station = ShortText.Read(ref reader);
        reader.Key(9);
        var product = ShortText.Read(ref reader);
        reader.EndMap();
        return new Certificate
        {
            Chip = chip,
            Device = device,
            DeviceType = deviceType,
            Identity = identity,
            Tls = tls,
            Kem = kem,
            Issued = issued,
            Station = station,
            Product = product,
        };
    }

    public void Write(CborWriter writer) => writer.Map(10)
        .Key(0).UInt(1)
        .Key(1).Bytes(Chip.ToArray())
        .Key(2).Text(Device.ToString())
        .Key(3).Text(DeviceType)
        .Key(4).Bytes(Identity.Bytes)
        .Key(5).Bytes(Tls.Bytes)
        .Key(6).Bytes(Kem.Bytes)
        .Key(7).UInt(Issued)
        .Key(8).Text(Station)
        .Key(9).Text(Product);
}
