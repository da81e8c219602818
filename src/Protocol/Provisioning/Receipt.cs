using Keywright.Protocol.Cbor;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Keys;

namespace Keywright.Protocol.Provisioning;

/// <summary>
/// S1&lt;receipt, identity&gt; (docs/spec/provisioning.md §8): a chip's word that it was provisioned, under
/// which order and with which package. Made once, stored with the commit, emitted byte for byte the same ever
/// after.
/// </summary>
/// <param name="Chip">Which chip.</param>
/// <param name="Order">H(Order).</param>
/// <param name="Package">D of the package.</param>
/// <param name="Lifecycle">Where the chip stands after this provisioning.</param>
/// <param name="Debug">Whether the chip's debug port is open.</param>
/// <param name="Identity">Verifies this receipt; known to be genuine from the chip list.</param>
/// <param name="Kem">Seals to this chip.</param>
public sealed record Receipt(
    ChipId Chip,
    Digest Order,
    Digest Package,
    uint Lifecycle,
    bool Debug,
    PublicKey Identity,
    HpkePublicKey Kem) : IMessage<Receipt>
{
    private const uint MaxLifecycle = 23;

    public static MessageType Type { get; } = new("receipt", Protection.Signature, 512);

    public static Receipt Read(ref CborReader reader)
    {
        reader.Map(8);
        reader.Version(1);
        reader.Key(1);
        var chip = ChipId.Read(ref reader);
        reader.Key(2);
        var order = reader.Digest();
        reader.Key(3);
        var package = reader.Digest();
        reader.Key(4);
        var lifecycle = reader.UInt32(MaxLifecycle);
        reader.Key(5);
        var debug = reader.Bool();
        reader.Key(6);
        var identity = PublicKey.Read(ref reader);
        reader.Key(7);
        var kem = HpkePublicKey.Read(ref reader);
        reader.EndMap();
        return new Receipt(chip, order, package, lifecycle, debug, identity, kem);
    }

    public void Write(CborWriter writer) => writer.Map(8)
        .Key(0).UInt(1)
        .Key(1).Bytes(Chip.ToArray())
        .Key(2).Digest(Order)
        .Key(3).Digest(Package)
        .Key(4).UInt(Lifecycle)
        .Key(5).Bool(Debug)
        .Key(6).Bytes(Identity.Bytes)
        .Key(7).Bytes(Kem.Bytes);
}
