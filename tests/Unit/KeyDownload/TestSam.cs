using Keywright.Owner.KeyDownload;
using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.Protocol.KeyDownload;
using Keywright.Protocol.Keys;
using Keywright.TestSupport;
using ChipDevice = Keywright.Device.Chip.BootedDevice;

namespace Keywright.UnitTests.KeyDownload;

/// <summary>
/// A SAM in a folder of its own, authorised, with one key (REF1 5, version 3, slot 1) unless said otherwise.
/// </summary>
internal sealed class TestSam : IDisposable
{
    public const uint Ref1 = 5;
    public const uint Ref2 = 1;

    public static readonly WantedKey Wanted = new(Ref1, "D0", 'B', 3, Ref2, 100);

    private readonly TemporaryFolder folder = new();
    private readonly SealKey key;
    private readonly SeededEntropy entropy = new(77);

    public TestSam(params TestUnit[] units)
    {
        Span<byte> bytes = stackalloc byte[SealKey.Size];
        entropy.Fill(bytes);
        key = SealKey.FromBytes(bytes);
        using var transport = new TransportKey(TestUnit.Transport);
        Sam = Sam.Create(File, key, transport, SlotTable.Default.ApplicationId.Span, entropy);
        CreateApplicationKey.Run(Sam, Wanted).OrThrow();
        AddUnits.Run(Sam, units.Select(unit => unit.Serial));
        AuthoriseDownloads.Run(Sam, "an operator", DateTimeOffset.UnixEpoch).OrThrow();
    }

    public Sam Sam { get; private set; }

    public string File => folder.PathTo("sam.kws");

    public SealKey Key => key;

    public SeededEntropy Entropy => entropy;

    /// <summary>What a crash leaves: only what is on the disk.</summary>
    public void Restart()
    {
        Sam.Dispose();
        Sam = Sam.Open(File, key, entropy).OrThrow();
    }

    /// <summary>Draws an application key.</summary>
    public void Create(WantedKey wanted) => CreateApplicationKey.Run(Sam, wanted).OrThrow();

    /// <summary>Challenge and export: the IMPORT KEY on its way to the unit.</summary>
    public byte[] ExportTo(TestUnit unit, uint ref1 = Ref1) =>
        ExportKeyToUnit.Run(Sam, unit.Challenge(ref1).OrThrow()).OrThrow().Encode();

    public static SetUnit InSet(TestUnit unit) => new(unit.Serial, () => ChipDevice.Boot(unit.Silicon));

    public void Dispose()
    {
        Sam.Dispose();
        key.Dispose();
        folder.Dispose();
    }
}

internal static class Refused
{
    public static void For<T>(Reason reason, Outcome<T> outcome)
        where T : notnull
    {
        Assert.True(outcome.Refused(out _, out var why), $"accepted, not {reason}");
        Assert.Equal(reason, why.Reason);
    }

    public static void ByUnit(Reason reason, TestUnit unit, Func<TestUnit, Outcome<byte[]>> command)
    {
        var before = unit.Fingerprint();
        For(reason, command(unit));
        Assert.Equal(before, unit.Fingerprint());
    }
}
