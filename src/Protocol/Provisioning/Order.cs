using Keywright.Protocol.Cbor;
using Keywright.Protocol.Cose;

namespace Keywright.Protocol.Provisioning;

/// <summary>
/// S1&lt;order, OEM&gt; (docs/spec/provisioning.md §7): what a factory may make, signed after sealing, so
/// that a package is in it by its digest or not at all. Named everywhere by its own digest, H(Order).
/// </summary>
/// <param name="Id">The OEM's own number for it.</param>
/// <param name="Product">What is made.</param>
/// <param name="Factory">Who makes it.</param>
/// <param name="Family">Of which chips.</param>
/// <param name="Lots">From which lots, 1–64.</param>
/// <param name="Quota">How many chips may be provisioned under it; counted from receipts.</param>
/// <param name="Mode">As in the packages' headers.</param>
/// <param name="Packages">D of every package that belongs to it, 1–16.</param>
/// <param name="IssuedUnixSeconds">When it was signed.</param>
public sealed record Order(
    string Id,
    string Product,
    string Factory,
    string Family,
    IReadOnlyList<uint> Lots,
    uint Quota,
    PackageMode Mode,
    IReadOnlyList<Digest> Packages,
    ulong IssuedUnixSeconds) : IMessage<Order>
{
    /// <summary>The most lots in one order.</summary>
    public const int MaxLots = 64;

    /// <summary>The most packages in one order.</summary>
    public const int MaxPackages = 16;

    public static MessageType Type { get; } = new("order", Protection.Signature, 4096);

    public static Order Read(ref CborReader reader)
    {
        reader.Map(10);
        reader.Version(1);
        reader.Key(1);
        var id = ShortText.Read(ref reader);
        reader.Key(2);
        var product = ShortText.Read(ref reader);
        reader.Key(3);
        var factory = ShortText.Read(ref reader);
        reader.Key(4);
        var family = ShortText.Read(ref reader);
        reader.Key(5);
        var lots = new uint[reader.Array(1, MaxLots)];
        for (var i = 0; i < lots.Length; i++)
        {
            lots[i] = reader.UInt32();
        }

        reader.EndArray();
        reader.Key(6);
        var quota = reader.UInt32();
        reader.Key(7);
        var mode = SealPlan.ReadMode(ref reader);
        reader.Key(8);
        var packages = new Digest[reader.Array(1, MaxPackages)];
        for (var i = 0; i < packages.Length; i++)
        {
            packages[i] = reader.Digest();
        }

        reader.EndArray();
        reader.Key(9);
        var issued = reader.UInt(long.MaxValue);
        reader.EndMap();
        return new Order(id, product, factory, family, lots, quota, mode, packages, issued);
    }

    public void Write(CborWriter writer)
    {
        writer.Map(10)
            .Key(0).UInt(1)
            .Key(1).Text(Id)
            .Key(2).Text(Product)
            .Key(3).Text(Factory)
            .Key(4).Text(Family)
            .Key(5).Array(Lots.Count);
        foreach (var lot in Lots)
        {
            writer.UInt(lot);
        }

        writer.Key(6).UInt(Quota).Key(7).UInt((uint)Mode).Key(8).Array(Packages.Count);
        foreach (var package in Packages)
        {
            writer.Digest(package);
        }

        writer.Key(9).UInt(IssuedUnixSeconds);
    }
}
