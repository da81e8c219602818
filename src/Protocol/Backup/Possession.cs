using Keywright.Protocol.Cbor;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Keys;

namespace Keywright.Protocol.Backup;

/// <summary>
/// S1&lt;possession, identity key&gt;: a chip's proof, for a nonce of the site, that it holds the keys that a
/// certificate is to name: Kem to seal to, Tls of its TLS certificate; Nonce is the site's 16 bytes
/// (docs/spec/backup.md §3).
/// </summary>
public sealed record Possession(
    ChipId Chip, DeviceId Device, HpkePublicKey Kem, PublicKey Tls, ReadOnlyMemory<byte> Nonce)
    : IMessage<Possession>
{
    /// <summary>Size of the nonce in bytes.</summary>
    public const int NonceSize = 16;

    public static MessageType Type { get; } = new("possession", Protection.Signature, 512);

    public static Possession Read(ref CborReader reader)
    {
        reader.Map(6);
        reader.Version(1);
        reader.Key(1);
        var chip = ChipId.Read(ref reader);
        reader.Key(2);
        var device = DeviceId.Read(ref reader);
        reader.Key(3);
        var kem = HpkePublicKey.Read(ref reader);
        reader.Key(4);
        var tls = PublicKey.Read(ref reader);
        reader.Key(5);
        var nonce = reader.Bytes(NonceSize).ToArray();
        reader.EndMap();
        return new Possession(chip, device, kem, tls, nonce);
    }

    public void Write(CborWriter writer) => writer.Map(6)
        .Key(0).UInt(1)
        .Key(1).Bytes(Chip.ToArray())
        .Key(2).Text(Device.ToString())
        .Key(3).Bytes(Kem.Bytes)
        .Key(4).Bytes(Tls.Bytes)
        .Key(5).Bytes(Nonce.Span);
}
