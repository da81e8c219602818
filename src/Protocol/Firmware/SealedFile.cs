using Keywright.Protocol.Cbor;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Keys;

namespace Keywright.Protocol.Firmware;

/// <summary>
/// The File, the site's answer to a Take (docs/spec/programming.md §5): S1 by the programming key. What it
/// says about itself is open; the program with the device's key in it is sealed to the Take's fresh key. At
/// most 4 MiB + 4 KiB. Refusals when read: Malformed, TooLarge, WrongVersion, UnknownKey.
/// </summary>
public sealed record SealedFile : IMessage<SealedFile>
{
    /// <summary>The largest program file inside, in bytes: 4 MiB.</summary>
    public const int MaxImageBytes = 4 << 20;

    /// <summary>The most IDs of one device.</summary>
    public const int MaxDeviceIds = 8;

    internal const int MaxSealedBytes = MaxImageBytes + 2048;

    public static MessageType Type { get; } = new("program-file", Protection.Signature, MaxImageBytes + 4096);

    /// <summary>H(Take).</summary>
    public required Digest Take { get; init; }

    public required SiteEpoch Epoch { get; init; }

    public required ChipId Chip { get; init; }

    /// <summary>The device's IDs; the first is its identity.</summary>
    public required IReadOnlyList<DeviceId> Devices { get; init; }

    /// <summary>Counts the site's files; none has the number of another.</summary>
    public required ulong Serial { get; init; }

    /// <summary>EN(fresh) of the program and its key.</summary>
    public required ReadOnlyMemory<byte> Sealed { get; init; }

    /// <summary>The chip's kem key, as its receipt says: the station seals to it, whatever is in the socket.</summary>
    public required HpkePublicKey ChipKey { get; init; }

    public static SealedFile Read(ref CborReader reader)
    {
        reader.Map(8);
        reader.Version(1);
        reader.Key(1);
        var take = reader.Digest();
        reader.Key(2);
        var epoch = SiteEpoch.Read(ref reader);
        reader.Key(3);
        var chip = ChipId.Read(ref reader);
        reader.Key(4);
        var devices = ReadDevices(ref reader);
        reader.Key(5);
        var serial = reader.UInt(long.MaxValue);
        reader.Key(6);
        var sealedContent = reader.Bytes(1, MaxSealedBytes).ToArray();
        reader.Key(7);
        var chipKey = HpkePublicKey.Read(ref reader);
        reader.EndMap();
        return new SealedFile
        {
            Take = take,
            Epoch = epoch,
            Chip = chip,
            Devices = devices,
            Serial = serial,
            Sealed = sealedContent,
            ChipKey = chipKey,
        };
    }

    public void Write(CborWriter writer)
    {
        writer.Map(8)
            .Key(0).UInt(1)
            .Key(1).Digest(Take)
            .Key(2).Bytes(Epoch.ToArray())
            .Key(3).Bytes(Chip.ToArray())
            .Key(4);
        WriteDevices(writer, Devices);
        writer.Key(5).UInt(Serial).Key(6).Bytes(Sealed.Span).Key(7).Bytes(ChipKey.Bytes);
    }

    /// <summary>["program-file", H(Take)]: what the sealed part is bound to.</summary>
    internal static byte[] Binding(Digest take) => CborItem.Array("program-file", take);

    /// <summary>Reads [1*8 device-id], none of them twice.</summary>
    internal static DeviceId[] ReadDevices(ref CborReader reader)
    {
        var devices = new DeviceId[reader.Array(1, MaxDeviceIds)];
        for (var i = 0; i < devices.Length; i++)
        {
            devices[i] = DeviceId.Read(ref reader);
            if (!reader.Failed && devices.AsSpan(0, i).Contains(devices[i]))
            {
                reader.Refuse(Reason.Malformed, "one device ID twice");
            }
        }

        reader.EndArray();
        return devices;
    }

    internal static void WriteDevices(CborWriter writer, IReadOnlyList<DeviceId> devices)
    {
        writer.Array(devices.Count);
        foreach (var device in devices)
        {
            writer.Text(device.ToString());
        }
    }
}
