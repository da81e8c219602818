using Keywright.Protocol.Cbor;
using Keywright.Protocol.Cose;

namespace Keywright.Protocol.Firmware;

/// <summary>
/// The device closes a Grant (docs/spec/delivery.md §8). M0 under KDF(K_D, "done"); at most 4 KiB. Written
/// in the same switch as the programs; sent at once, and again inside the next Claim.
/// Refusals when read: Malformed, TooLarge, WrongVersion.
/// </summary>
public sealed record Done : IMessage<Done>
{
    /// <summary>H of the Grant's bytes.</summary>
    public required Digest Grant { get; init; }

    /// <summary>The Grant's n.</summary>
    public required ulong Number { get; init; }

    public required DeliveryResult Result { get; init; }

    /// <summary>What stands on the device now.</summary>
    public required IReadOnlyList<Installed> Installed { get; init; }

    public static MessageType Type { get; } = new("done", Protection.Mac, 4 * 1024);

    public void Write(CborWriter writer)
    {
        writer.Map(5).Key(0).UInt(1).Key(1).Digest(Grant).Key(2).UInt(Number);
        writer.Key(3).UInt((uint)Result).Key(4);
        Firmware.Installed.WriteAll(writer, Installed);
    }

    public static Done Read(ref CborReader reader)
    {
        reader.Map(5);
        reader.Version(1);
        reader.Key(1);
        var grant = reader.Digest();
        reader.Key(2);
        var number = reader.Positive(Claim.MaxNumber);
        reader.Key(3);
        var result = (DeliveryResult)reader.Positive((uint)DeliveryResult.Declined);
        reader.Key(4);
        var installed = Firmware.Installed.ReadAll(ref reader);
        reader.EndMap();

        return new Done { Grant = grant, Number = number, Result = result, Installed = installed };
    }
}

/// <summary>How a Grant ended on the device.</summary>
public enum DeliveryResult
{
    /// <summary>All programs of the module are installed.</summary>
    Installed = 1,

    /// <summary>The device cannot take this very module, and nothing was installed.</summary>
    Declined = 2,
}
