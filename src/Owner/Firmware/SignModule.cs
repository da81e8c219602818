using System.Security.Cryptography;
using Keywright.Protocol;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Keys;

namespace Keywright.Owner.Firmware;

/// <summary>An owner makes a module of its programs and signs it, offline (docs/spec/module.md §2).</summary>
public static class SignModule
{
    /// <summary>
    /// Reads the programs, writes the manifest and signs it. What comes out reads again as a Module.
    /// Refusals: Malformed, TooLarge, UnknownKey: the plan breaks a limit of the format.
    /// </summary>
    public static Outcome<Verified<Module>> Sign(ModulePlan plan, SigningKey owner)
    {
        var programs = new List<ModuleProgram>();
        foreach (var source in plan.Programs)
        {
            if (Measure(source).Refused(out var program, out var why))
            {
                return why;
            }

            programs.Add(program);
        }

        var module = new Module
        {
            Owner = owner.Public.Id,
            Sequence = plan.Sequence,
            Product = plan.Product,
            DeviceTypes = plan.DeviceTypes,
            Devices = plan.Devices,
            Programs = programs,
            Keys = plan.Keys,
            Requires = plan.Requires,
        };
        var signed = Message.Sign(module, owner);
        return Message.Parse<Module>(signed.Bytes).Refused(out _, out var broken) ? broken : signed;
    }

    private static Outcome<ModuleProgram> Measure(ProgramSource source)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[BodyShape.ChunkSize];
        var size = 0L;
        for (var count = source.Content.Read(buffer); count > 0; count = source.Content.Read(buffer))
        {
            hash.AppendData(buffer, 0, count);
            size += count;
        }

        if (size > ModuleProgram.MaxSize)
        {
            return new Refusal(Reason.TooLarge, $"{source.Name} has {size} bytes");
        }

        return new ModuleProgram(
            source.Name,
            source.Kind,
            source.Version,
            source.BuildId,
            new Digest(hash.GetHashAndReset()),
            (uint)size,
            source.Diagnostics);
    }
}

/// <summary>What an owner wants to sign; the fields are those of <see cref="Module"/>.</summary>
public sealed record ModulePlan
{
    public required ulong Sequence { get; init; }

    public required string Product { get; init; }

    public IReadOnlyList<string> DeviceTypes { get; init; } = [];

    public IReadOnlyList<DeviceId> Devices { get; init; } = [];

    public required IReadOnlyList<ProgramSource> Programs { get; init; }

    public IReadOnlyList<ModuleKey> Keys { get; init; } = [];

    public IReadOnlyList<Requirement> Requires { get; init; } = [];
}

/// <summary>
/// One program, read once from the stream; the fields are those of <see cref="ModuleProgram"/>.
/// </summary>
public sealed record ProgramSource(string Name, ProgramKind Kind, string Version, Stream Content)
{
    public ReadOnlyMemory<byte> BuildId { get; init; }

    /// <summary>The kid of its diagnostics key, which must be among the plan's keys.</summary>
    public Digest? Diagnostics { get; init; }
}
