using System.Text;
using Keywright.Chips;
using Keywright.Owner.Firmware;
using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Diagnostics;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Opening.Diagnostics;

namespace Keywright.TestSupport;

/// <summary>
/// A programmed device that two owners have installed a module on, each with a diagnostics key of its own.
/// </summary>
internal sealed class TwoOwners : IDisposable
{
    private const string Product = "meter";
    private const string DeviceType = "meter-3";

    private static readonly DeviceId Id = DeviceId.Parse("0011223344556677").OrThrow();

    /// <summary>On a chip in memory.</summary>
    public TwoOwners()
        : this(TestChips.Make(7))
    {
    }

    /// <summary>On a chip that is there already; it is closed with the device.</summary>
    public TwoOwners(SoftChip chip)
    {
        using var key = DeviceKey.FromBytes(new byte[DeviceKey.Size]);
        Device = TestDevice.Program(chip, Id, Product, DeviceType, key, A.Signing.Public, B.Signing.Public);
        Install(A, 1, "app", "table");
        Install(B, 1, "app");
    }

    /// <summary>Owns "app", which has a diagnostics key, and "table", which has none.</summary>
    public ModuleOwner A { get; } = new(0xA);

    /// <summary>Owns another "app".</summary>
    public ModuleOwner B { get; } = new(0xB);

    public TestDevice Device { get; }

    public DumpingChip Chip => new(Device.ChipId, Device.State.Keys.Identity.Public, Id);

    /// <summary>The first of the programs gets the owner's newest diagnostics key.</summary>
    public void Install(ModuleOwner owner, ulong sequence, params string[] programs)
    {
        var key = owner.Diagnostics[^1].Public;
        var bodies = programs.Select(name => Encoding.ASCII.GetBytes($"{name} of {owner.Signing.Public}"));
        var plan = new ModulePlan
        {
            Sequence = sequence,
            Product = Product,
            Programs =
            [
                .. programs.Zip(bodies).Select((program, index) =>
                    new ProgramSource(
                        program.First,
                        ProgramKind.Application,
                        $"1.{sequence}",
                        new MemoryStream(program.Second))
                    {
                        BuildId = new byte[] { 0xB1, (byte)sequence },
                        Diagnostics = index == 0 ? key.Id : null,
                    }),
            ],
            Keys = [new ModuleKey(key, (uint)owner.Diagnostics.Count)],
        };
        var module = SignModule.Sign(plan, owner.Signing).OrThrow();
        Assert.Null(Device.InstallModule(module.Bytes, bodies.SelectMany(body => body).ToArray()));
    }

    /// <summary>What the device emits for a crash of the owner's "app".</summary>
    public byte[] Dump(ModuleOwner owner, ReadOnlyMemory<byte> content)
    {
        var request = new DumpRequest(owner.Id, "app", DumpKind.ElfCore, DumpTrigger.Crash, 1_800_000_000);
        var host = new MemoryHost().With("request", request.Encode()).With("content", content);
        Assert.Null(Device.Run("dump", host));
        return host.Emitted("dump");
    }

    public void Dispose()
    {
        A.Dispose();
        B.Dispose();
        Device.Dispose();
        Device.Chip.Dispose();
    }
}

/// <summary>An owner of programs: its module key, and its diagnostics keys by epoch.</summary>
internal sealed class ModuleOwner : IDisposable
{
    private readonly SeededEntropy entropy;

    public ModuleOwner(ulong seed)
    {
        entropy = new SeededEntropy(seed);
        Signing = SigningKey.Generate(entropy);
        Rotate();
    }

    public SigningKey Signing { get; }

    public List<HpkePrivateKey> Diagnostics { get; } = [];

    public Digest Id => Signing.Public.Id;

    /// <summary>A new diagnostics key beside the old ones.</summary>
    public void Rotate() => Diagnostics.Add(HpkePrivateKey.Generate(entropy));

    public void Dispose()
    {
        Signing.Dispose();
        Diagnostics.ForEach(key => key.Dispose());
    }
}
