using Keywright.Device.Chip;
using Keywright.Protocol;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Keys;

namespace Keywright.Device.Firmware;

/// <summary>
/// The programs on the device, each in association with its owner and its key (docs/spec/module.md §6): the
/// object "installed" in flash. CBOR: {0: 1, 1: [* {1: owner, 2: sequence, 3: program}], 2: [* {1: owner, 2:
/// pub, 3: epoch}]}. The bytes of a program are the object "module/OWNER8/NAME".
/// </summary>
public sealed record InstalledPrograms(IReadOnlyList<InstalledProgram> Programs, IReadOnlyList<FiledKey> Keys)
{
    /// <summary>The object's name.</summary>
    public const string ObjectName = "installed";

    private static readonly InstalledPrograms None = new([], []);

    /// <summary>
    /// What stands in flash, less what is older than the chip has confirmed: an older flash that somebody put back brings no
    /// older program back. Refusals: BadSeal, and those of parsing: the flash was changed from outside.
    /// </summary>
    public static Outcome<InstalledPrograms> Of(ChipState chip)
    {
        if (chip.Journal.SizeOf(ObjectName) < 0)
        {
            return None;
        }

        if (chip.Journal.ReadAll(ObjectName).Refused(out var encoded, out var why)
            || Parse(encoded).Refused(out var installed, out why))
        {
            return why;
        }

        return installed with
        {
            Programs = [.. installed.Programs.Where(each =>
                each.Sequence >= chip.Monotonic.MinimumSequenceOf(each.Owner, each.Program.Name))],
        };
    }

    /// <summary>A program by owner and name; null when it is not there.</summary>
    public InstalledProgram? Find(Digest owner, string name) =>
        Programs.FirstOrDefault(each => each.Owner == owner && each.Program.Name == name);

    /// <summary>The key under which a program's dumps go home; null when it has none.</summary>
    public FiledKey? KeyOf(InstalledProgram program) =>
        Keys.FirstOrDefault(key => key.Owner == program.Owner
            && key.Key.Public.Id == program.Program.Diagnostics);

    /// <summary>As the messages tell it.</summary>
    public IReadOnlyList<Installed> Told() =>
        [.. Programs.Select(each => new Installed(
            each.Owner, each.Program.Name, each.Sequence, each.Program.Version, each.Program.Hash))];

    /// <summary>
    /// What stands there once a module is installed: its programs in place of theirs, and the keys still
    /// referred to.
    /// </summary>
    internal InstalledPrograms With(Module module)
    {
        var added = module.Programs.Select(
            program => new InstalledProgram(module.Owner, module.Sequence, program));
        InstalledProgram[] programs =
        [
            .. Programs.Where(each => each.Owner != module.Owner
                || !module.Programs.Any(p => p.Name == each.Program.Name)),
            .. added,
        ];
        var keys = module.Keys.Select(key => new FiledKey(module.Owner, key))
            .Concat(Keys)
            .DistinctBy(key => (key.Owner, key.Key.Public.Id))
            .Where(key => programs.Any(
                each => each.Owner == key.Owner && each.Program.Diagnostics == key.Key.Public.Id));
        return new InstalledPrograms(programs, [.. keys]);
    }

    internal byte[] Encode()
    {
        using var writer = new CborWriter(1024);
        writer.Map(3).Key(0).UInt(1).Key(1).Array(Programs.Count);
        foreach (var each in Programs)
        {
            writer.Map(3).Key(1).Digest(each.Owner).Key(2).UInt(each.Sequence).Key(3);
            each.Program.Write(writer);
        }

        writer.Key(2).Array(Keys.Count);
        foreach (var filed in Keys)
        {
            writer.Map(3).Key(1).Digest(filed.Owner);
            writer.Key(2).Bytes(filed.Key.Public.Bytes).Key(3).UInt(filed.Key.Epoch);
        }

        return writer.ToArray();
    }

    private static Outcome<InstalledPrograms> Parse(ReadOnlySpan<byte> encoded)
    {
        var reader = new CborReader(encoded);
        reader.Map(3);
        reader.Version(1);
        reader.Key(1);
        var programs = new InstalledProgram[reader.Array(0, Installed.MaxCount)];
        for (var i = 0; i < programs.Length; i++)
        {
            reader.Map(3);
            reader.Key(1);
            var owner = reader.Digest();
            reader.Key(2);
            var sequence = reader.UInt(Module.MaxSequence);
            reader.Key(3);
            programs[i] = new InstalledProgram(owner, sequence, ModuleProgram.Read(ref reader));
            reader.EndMap();
        }

        reader.EndArray();
        reader.Key(2);
        var keys = new FiledKey[reader.Array(0, Installed.MaxCount)];
        for (var i = 0; i < keys.Length; i++)
        {
            reader.Map(3);
            reader.Key(1);
            var owner = reader.Digest();
            reader.Key(2);
            var key = HpkePublicKey.Read(ref reader);
            reader.Key(3);
            keys[i] = new FiledKey(owner, new ModuleKey(key, reader.UInt32()));
            reader.EndMap();
        }

        reader.EndArray();
        reader.EndMap();
        return reader.Finish() is { } why ? why : new InstalledPrograms(programs, keys);
    }
}

/// <summary>A program on the device.</summary>
/// <param name="Owner">H of its owner's module key.</param>
/// <param name="Sequence">The sequence of the module it came in.</param>
/// <param name="Program">What its manifest says.</param>
public sealed record InstalledProgram(Digest Owner, ulong Sequence, ModuleProgram Program)
{
    /// <summary>The object with its bytes: "module/OWNER8/NAME".</summary>
    public string ObjectName => NameOf(Owner, Program.Name);

    internal static string NameOf(Digest owner, string program) =>
        $"module/{owner.ToString()[..8]}/{program}";
}

/// <summary>A diagnostics key, filed under its owner and its kid.</summary>
public sealed record FiledKey(Digest Owner, ModuleKey Key);
