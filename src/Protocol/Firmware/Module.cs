using Keywright.Protocol.Cbor;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Keys;

namespace Keywright.Protocol.Firmware;

/// <summary>
/// The manifest of everything that is installed (docs/spec/module.md §2): programs of one owner, and the
/// public keys under which their dumps go home. S1 by the owner's module key; at most 8 KiB; the bodies
/// travel beside it.
/// Refusals when read: Malformed (also a name twice), TooLarge, WrongVersion, UnknownKey.
/// </summary>
public sealed record Module : IMessage<Module>
{
    /// <summary>The highest sequence, 2⁶³ − 1.</summary>
    public const ulong MaxSequence = long.MaxValue;

    public const int MaxPrograms = 8;
    public const int MaxKeys = 8;
    public const int MaxDeviceTypes = 16;
    public const int MaxDevices = 64;
    public const int MaxRequirements = 8;

    /// <summary>H of the owner's module key, which signs.</summary>
    public required Digest Owner { get; init; }

    /// <summary>Counts upward per (owner, program): a device takes none below its own.</summary>
    public required ulong Sequence { get; init; }

    /// <summary>The product it is for, 1–32 printable ASCII characters.</summary>
    public required string Product { get; init; }

    /// <summary>The device types it is for; empty: all of the product.</summary>
    public IReadOnlyList<string> DeviceTypes { get; init; } = [];

    /// <summary>The devices that a special version is for; empty: all.</summary>
    public IReadOnlyList<DeviceId> Devices { get; init; } = [];

    public required IReadOnlyList<ModuleProgram> Programs { get; init; }

    public IReadOnlyList<ModuleKey> Keys { get; init; } = [];

    /// <summary>
    /// Programs of the same owner that must be on the device already, at this sequence or a later one.
    /// </summary>
    public IReadOnlyList<Requirement> Requires { get; init; } = [];

    public static MessageType Type { get; } = new("module", Protection.Signature, 8 * 1024);

    /// <summary>Bytes of all programs together.</summary>
    public long Size => Programs.Sum(program => (long)program.Size);

    /// <summary>True when it is meant for a device of this type and ID.</summary>
    public bool IsFor(string deviceType, DeviceId device) =>
        (DeviceTypes.Count == 0 || DeviceTypes.Contains(deviceType))
        && (Devices.Count == 0 || Devices.Contains(device));

    public void Write(CborWriter writer)
    {
        int[] lists = [DeviceTypes.Count, Devices.Count, Requires.Count];
        writer.Map(6 + lists.Count(count => count > 0)).Key(0).UInt(1).Key(1).Digest(Owner);
        writer.Key(2).UInt(Sequence).Key(3).Text(Product);
        WriteList(writer, 4, DeviceTypes, type => writer.Text(type));
        WriteList(writer, 5, Devices, device => writer.Text(device.ToString()));
        writer.Key(6).Array(Programs.Count);
        foreach (var program in Programs)
        {
            program.Write(writer);
        }

        writer.Key(7).Array(Keys.Count);
        foreach (var key in Keys)
        {
            writer.Map(2).Key(1).Bytes(key.Public.Bytes).Key(2).UInt(key.Epoch);
        }

        WriteList(
            writer, 8, Requires, need => writer.Map(2).Key(1).Text(need.Program).Key(2).UInt(need.Sequence));
    }

    public static Module Read(ref CborReader reader)
    {
        reader.Map(9);
        reader.Version(1);
        reader.Key(1);
        var owner = reader.Digest();
        reader.Key(2);
        var sequence = reader.UInt(MaxSequence);
        reader.Key(3);
        var product = ShortText.Read(ref reader);
        var deviceTypes = ReadTypes(ref reader);
        var devices = ReadDevices(ref reader);
        var programs = ReadPrograms(ref reader);
        var keys = ReadKeys(ref reader);
        var requires = ReadRequirements(ref reader);
        reader.EndMap();
        var module = new Module
        {
            Owner = owner,
            Sequence = sequence,
            Product = product,
            DeviceTypes = deviceTypes,
            Devices = devices,
            Programs = programs,
            Keys = keys,
            Requires = requires,
        };
        module.Check(ref reader);
        return module;
    }

    private void Check(ref CborReader reader)
    {
        if (reader.Failed)
        {
            return;
        }

        var known = Keys.Select(key => key.Public.Id).ToHashSet();
        if (Programs.Any(program => program.Diagnostics is { } kid && !known.Contains(kid)))
        {
            reader.Refuse(Reason.UnknownKey, "a program names a diagnostics key that is not in its module");
        }
    }

    private static void WriteList<T>(CborWriter writer, int key, IReadOnlyList<T> items, Action<T> write)
    {
        if (items.Count == 0)
        {
            return;
        }

        writer.Key(key).Array(items.Count);
        foreach (var item in items)
        {
            write(item);
        }
    }

    private static string[] ReadTypes(ref CborReader reader)
    {
        if (!reader.TryKey(4))
        {
            return [];
        }

        var types = new string[reader.Array(1, MaxDeviceTypes)];
        for (var i = 0; i < types.Length; i++)
        {
            types[i] = ShortText.Read(ref reader);
        }

        reader.EndArray();
        return types;
    }

    private static DeviceId[] ReadDevices(ref CborReader reader)
    {
        if (!reader.TryKey(5))
        {
            return [];
        }

        var devices = new DeviceId[reader.Array(1, MaxDevices)];
        for (var i = 0; i < devices.Length; i++)
        {
            devices[i] = DeviceId.Read(ref reader);
        }

        reader.EndArray();
        return devices;
    }

    private static ModuleProgram[] ReadPrograms(ref CborReader reader)
    {
        reader.Key(6);
        var programs = new ModuleProgram[reader.Array(1, MaxPrograms)];
        for (var i = 0; i < programs.Length; i++)
        {
            var program = programs[i] = ModuleProgram.Read(ref reader);
            if (!reader.Failed && programs.Take(i).Any(other => other.Name == program.Name))
            {
                reader.Refuse(Reason.Malformed, "a program name twice");
            }
        }

        reader.EndArray();
        return programs;
    }

    private static ModuleKey[] ReadKeys(ref CborReader reader)
    {
        reader.Key(7);
        var keys = new ModuleKey[reader.Array(0, MaxKeys)];
        for (var i = 0; i < keys.Length; i++)
        {
            reader.Map(2);
            reader.Key(1);
            var key = HpkePublicKey.Read(ref reader);
            reader.Key(2);
            keys[i] = new ModuleKey(key, reader.UInt32());
            reader.EndMap();
            if (!reader.Failed && keys.Take(i).Any(other => other.Public.Id == key.Id))
            {
                reader.Refuse(Reason.Malformed, "a key twice");
            }
        }

        reader.EndArray();
        return keys;
    }

    private static Requirement[] ReadRequirements(ref CborReader reader)
    {
        if (!reader.TryKey(8))
        {
            return [];
        }

        var requires = new Requirement[reader.Array(1, MaxRequirements)];
        for (var i = 0; i < requires.Length; i++)
        {
            reader.Map(2);
            reader.Key(1);
            var program = ProgramName.Read(ref reader);
            reader.Key(2);
            requires[i] = new Requirement(program, reader.UInt(MaxSequence));
            reader.EndMap();
        }

        reader.EndArray();
        return requires;
    }
}
