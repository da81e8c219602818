using Keywright.Device.Chip;
using Keywright.Owner.KeyDownload;
using Keywright.Protocol;
using Keywright.Protocol.KeyDownload;

namespace Keywright.UnitTests.KeyDownload;

public sealed class ImportKeyTests : IDisposable
{
    private readonly TestUnit unit = TestUnit.Make(1);
    private readonly TestUnit other = TestUnit.Make(2);
    private readonly TestSam sam;

    public ImportKeyTests() => sam = new TestSam(unit, other);

    public void Dispose() => sam.Dispose();

    [Fact]
    [Trait("Req", "S03")]
    [Trait("Req", "S04")]
    [Trait("Req", "S05")]
    public void A_key_goes_from_the_sam_into_its_slot_and_is_acknowledged()
    {
        var request = unit.Challenge(TestSam.Ref1).OrThrow();
        Assert.Equal(unit.Serial, ExportKey.Parse(request).OrThrow().Serial);
        var answer = ExportKeyToUnit.Run(sam.Sam, request).OrThrow();
        var acknowledgement = unit.Import(answer.Encode()).OrThrow();
        Assert.True(ConfirmAcknowledgement.Run(sam.Sam, acknowledgement).OrThrow().Acknowledged);

        var stored = unit.Stored(TestSam.Ref2)!;
        Assert.Equal(new KeyAttributes("D0BN", "AES", 3), stored.Attributes);
        Assert.Equal(32, stored.Length);
    }

    [Fact]
    [Trait("Req", "S01")]
    public void Several_units_share_one_transport_key_and_another_set_does_not()
    {
        Assert.NotEmpty(unit.Import(sam.ExportTo(unit)).OrThrow());
        Assert.NotEmpty(other.Import(sam.ExportTo(other)).OrThrow());

        var stranger = TestUnit.Make(3, transport: [.. TestUnit.Transport.Reverse()]);
        AddUnits.Run(sam.Sam, [stranger.Serial]);
        var data = sam.ExportTo(stranger);
        Refused.ByUnit(Reason.BadKeyBlock, stranger, u => u.Import(data));
    }

    [Fact]
    [Trait("Req", "S01")]
    public void A_unit_may_hold_its_own_diversified_key_alone()
    {
        var chip = TestUnit.Make(4).Serial;
        using var transport = new TransportKey(TestUnit.Transport);
        using var own = Diversification.KeyOf(transport, chip, SlotTable.Default.ApplicationId.Span);
        var given = TestUnit.Make(4, own.Expose().ToArray(), "unit-transport");
        AddUnits.Run(sam.Sam, [given.Serial]);
        ConfirmAcknowledgement.Run(sam.Sam, given.Import(sam.ExportTo(given)).OrThrow()).OrThrow();
    }

    [Fact]
    [Trait("Req", "S06")]
    public void A_block_made_for_another_unit_is_refused()
    {
        var data = sam.ExportTo(unit);
        other.Challenge(TestSam.Ref1).OrThrow();
        Refused.ByUnit(Reason.WrongReference, other, u => u.Import(data));
    }

    [Fact]
    [Trait("Req", "S06")]
    public void A_replayed_block_is_refused_with_and_without_a_new_challenge()
    {
        var first = sam.ExportTo(unit);
        unit.Import(first).OrThrow();
        sam.Create(TestSam.Wanted with { Ref1 = 6, Ref2 = 2 });
        unit.Import(sam.ExportTo(unit, 6)).OrThrow();
        Refused.ByUnit(Reason.NoChallenge, unit, u => u.Import(first));

        unit.Challenge(TestSam.Ref1).OrThrow();
        Refused.ByUnit(Reason.BadKeyBlock, unit, u => u.Import(first));
        unit.Challenge(6).OrThrow();
        Refused.ByUnit(Reason.WrongReference, unit, u => u.Import(first));
    }

    [Fact]
    [Trait("Req", "S06")]
    public void An_older_flash_does_not_bring_a_used_challenge_back()
    {
        var data = sam.ExportTo(unit);
        var older = unit.Silicon.Snapshot();
        unit.Import(data).OrThrow();
        var rolledBack = new TestUnit(unit.Silicon.WithFlash((Keywright.Chips.MemoryFlash)older.Flash));
        Refused.ByUnit(Reason.NoChallenge, rolledBack, u => u.Import(data));
    }

    [Fact]
    public void The_same_import_again_gets_the_same_acknowledgement_and_changes_nothing()
    {
        var data = sam.ExportTo(unit);
        var acknowledgement = unit.Import(data).OrThrow();
        var after = unit.Fingerprint();
        Assert.Equal(acknowledgement, unit.Import(data).OrThrow());
        Assert.Equal(after, unit.Fingerprint());
    }

    [Fact]
    public void A_challenge_survives_a_refusal_and_a_power_loss_and_a_new_one_replaces_it()
    {
        var data = sam.ExportTo(unit);
        var damaged = data.ToArray();
        damaged[^5] ^= 1;
        Refused.For(Reason.BadKeyBlock, unit.Import(damaged));
        Assert.NotEmpty(unit.Copy().Import(data).OrThrow());

        unit.Challenge(TestSam.Ref1).OrThrow();
        Refused.ByUnit(Reason.BadKeyBlock, unit, u => u.Import(data));
    }

    [Fact]
    [Trait("Req", "S06")]
    public void Every_challenge_is_another_even_when_the_noise_is_the_same()
    {
        var start = unit.Copy();
        var seen = new HashSet<string>();
        for (var i = 0; i < 5; i++)
        {
            var request = ExportKey.Parse(unit.Challenge(TestSam.Ref1).OrThrow()).OrThrow();
            Assert.True(seen.Add(request.Random.ToString()));
        }

        start.Change((_, transaction) => transaction.First(MonotonicUpdate.Challenged(1)));
        var parallel = ExportKey.Parse(start.Challenge(TestSam.Ref1).OrThrow()).OrThrow();
        Assert.True(seen.Add(parallel.Random.ToString()));
    }

    [Fact]
    [Trait("Req", "S05")]
    public void The_slot_is_the_one_of_the_sams_record()
    {
        var command = ImportKey.Parse(sam.ExportTo(unit)).OrThrow();
        Refused.ByUnit(Reason.WrongReference, unit, u => u.Import((command with { Ref2 = 2 }).Encode()));
        Refused.ByUnit(Reason.WrongReference, unit, u => u.Import((command with { Ref2 = 17 }).Encode()));
        Assert.NotEmpty(unit.Import(command.Encode()).OrThrow());
    }

    [Fact]
    [Trait("Req", "S07")]
    public void A_key_of_another_usage_or_an_older_version_is_refused_and_a_newer_one_replaces_it()
    {
        sam.Create(TestSam.Wanted with { Ref1 = 6, Usage = "M6", Mode = 'C' });
        var mac = sam.ExportTo(unit, 6);
        Refused.ByUnit(Reason.WrongUsage, unit, u => u.Import(mac));

        unit.Import(sam.ExportTo(unit)).OrThrow();
        sam.Create(TestSam.Wanted with { Ref1 = 7, Version = 2 });
        var older = sam.ExportTo(unit, 7);
        Refused.ByUnit(Reason.OlderKey, unit, u => u.Import(older));

        sam.Create(TestSam.Wanted with { Version = 4 });
        unit.Import(sam.ExportTo(unit)).OrThrow();
        Assert.Equal(4u, unit.Stored(TestSam.Ref2)!.Attributes.Version);
    }

    [Fact]
    [Trait("Req", "S07")]
    public void Several_keys_stand_in_their_slots_and_no_other_key_is_touched()
    {
        sam.Create(new WantedKey(6, "M6", 'C', 1, 9, 10, SizeBytes: 16));
        unit.Import(sam.ExportTo(unit)).OrThrow();
        unit.Import(sam.ExportTo(unit, 6)).OrThrow();
        using var chip = ChipState.Boot(unit.Silicon);
        Assert.Equal(
            ["Device 1", "Application 1", "Application 9", "Provisioned 7"],
            chip.KeyStore.Keys.Select(key => $"{key.Handle}"));
        Assert.Equal([32, 32, 16, 32], chip.KeyStore.Keys.Select(key => key.Length));
    }

    [Fact]
    public void Slots_and_application_id_come_from_the_provisioned_table()
    {
        var table = new SlotTable("KWTA"u8.ToArray(), [new KeySlot(TestSam.Ref2, "D0", 'B', 4)]);
        var strict = TestUnit.Make(5, table: table);
        var foreign = TestUnit.Make(6, table: table with { ApplicationId = "OTHER"u8.ToArray() });
        AddUnits.Run(sam.Sam, [strict.Serial, foreign.Serial]);
        var (tooOld, elsewhere) = (sam.ExportTo(strict), sam.ExportTo(foreign));
        Refused.ByUnit(Reason.OlderKey, strict, u => u.Import(tooOld));
        Refused.ByUnit(Reason.BadKeyBlock, foreign, u => u.Import(elsewhere));

        var broken = new TestUnit(TestSupport.TestChips.Make(8));
        broken.Provision(TestUnit.Transport, "transport", [0xFF]);
        Refused.ByUnit(Reason.Malformed, broken, u => u.Challenge(TestSam.Ref1));
    }

    [Fact]
    public void A_unit_without_a_transport_key_or_out_of_its_life_takes_no_part()
    {
        var blank = new TestUnit(TestSupport.TestChips.Make(9));
        Refused.ByUnit(Reason.WrongLifecycle, blank, u => u.Challenge(TestSam.Ref1));
        Refused.ByUnit(Reason.WrongLifecycle, blank, u => u.Import(new byte[20]));
        var without = TestUnit.Make(10, usage: "key");
        Refused.ByUnit(Reason.UnknownKey, without, u => u.Challenge(TestSam.Ref1));
        unit.Change((_, transaction) => transaction.Then(MonotonicUpdate.Reached(Lifecycle.Retired)));
        Refused.ByUnit(Reason.WrongLifecycle, unit, u => u.Challenge(TestSam.Ref1));
    }

    [Fact]
    public void After_personalisation_a_backup_must_be_shown_between_two_keys()
    {
        unit.Change((chip, transaction) =>
        {
            chip.KeyStore.MarkShown(transaction);
            transaction.Then(MonotonicUpdate.Reached(Lifecycle.Personalised));
        });
        var data = sam.ExportTo(unit);
        unit.Import(data).OrThrow();
        Refused.ByUnit(Reason.ProofDue, unit, u => u.Challenge(TestSam.Ref1));
        Assert.NotEmpty(unit.Import(data).OrThrow());

        unit.Change((chip, transaction) => chip.KeyStore.MarkShown(transaction));
        Assert.NotEmpty(unit.Import(sam.ExportTo(unit)).OrThrow());
    }

    [Fact]
    public void A_proof_that_falls_due_after_the_challenge_is_asked_for_at_the_import()
    {
        var data = sam.ExportTo(unit);
        unit.Change((_, transaction) => transaction.Then(MonotonicUpdate.Reached(Lifecycle.Personalised)));
        Refused.ByUnit(Reason.ProofDue, unit, u => u.Import(data));
    }

    [Fact]
    public void Inputs_out_of_form_are_refused()
    {
        var data = sam.ExportTo(unit);
        Refused.ByUnit(
            Reason.MissingInput, unit, u => u.Execute("import-key", "data", data, "acknowledgement"));
        Refused.ByUnit(Reason.MissingInput, unit, u => u.Execute("challenge", "key", data, "export-key"));
        Refused.ByUnit(Reason.TooLarge, unit, u => u.Import(new byte[ImportKey.MaxSize + 1]));
        Refused.ByUnit(Reason.Malformed, unit, u => u.Import(data.AsMemory(1)));
        Refused.ByUnit(
            Reason.Malformed, unit, u => u.Execute("challenge", "ref1", new byte[3], "export-key"));
        data[2] = 2;
        Refused.ByUnit(Reason.WrongVersion, unit, u => u.Import(data));
        var fresh = TestUnit.Make(2);
        var command = new ImportKey("D"u8.ToArray(), 1).Encode();
        Refused.ByUnit(Reason.NoChallenge, fresh, u => u.Import(command));
    }
}
