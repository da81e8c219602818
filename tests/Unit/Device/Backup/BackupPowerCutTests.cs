using Keywright.Chips;
using Keywright.Protocol.Commands;
using Keywright.PublicDirectory.Backup;
using Keywright.TestSupport;
using Keywright.UnitTests.PublicDirectory.Backup;

namespace Keywright.UnitTests.Device.Backup;

/// <summary>
/// Power is cut at every write of the story's commands, and again at every write of the boot after it.
/// </summary>
public class BackupPowerCutTests
{
    private const ulong Seed = 20;

    private readonly BackupParties parties = new();
    private readonly MemoryFiles files = new();

    [Fact]
    [Trait("Req", "K05")]
    public void Certifying_survives_a_cut_at_every_write()
    {
        var life = new LifeOfAChip(parties, files).Personalised();

        Sweep(life, "certify", life.Certification());
    }

    [Fact]
    [Trait("Req", "K04")]
    public void Backing_up_survives_a_cut_at_every_write()
    {
        var life = new LifeOfAChip(parties, files).Personalised();
        Assert.Null(life.Execute("certify", life.Certification()));

        Sweep(life, "backup", new MemoryHost());
    }

    [Fact]
    [Trait("Req", "K11")]
    public void Being_shown_a_proof_survives_a_cut_at_every_write()
    {
        var life = new LifeOfAChip(parties, files).Personalised();
        Assert.Null(life.Execute("certify", life.Certification()));
        PublishEntry.Run(life.Directory, life.BackUp()).OrThrow();

        Sweep(life, "show-proof", new MemoryHost().With("proof", life.NewestProof()));
    }

    [Fact]
    [Trait("Req", "K07")]
    public void Recovery_survives_a_cut_at_every_write()
    {
        var life = new LifeOfAChip(parties, files).Fielded();
        life.WipeFlash();

        Sweep(life, "recover", life.Recovery());
    }

    private static void Sweep(LifeOfAChip life, string command, MemoryHost host)
    {
        var report = PowerCutSweep.Run(
            life.Chip, Seed, silicon => Assert.Null(LifeOfAChip.Execute(silicon, command, host)));

        Assert.True(report.AsBefore > 0 && report.AsAfter > 0, report.ToString());
        Assert.True(report.Cuts > report.Writes, report.ToString());
    }
}
