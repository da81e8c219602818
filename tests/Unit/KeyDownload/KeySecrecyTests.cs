using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Owner.KeyDownload;
using Keywright.Protocol.KeyDownload;
using Keywright.Protocol.Opening.KeyDownload;
using Keywright.TestSupport;

namespace Keywright.UnitTests.KeyDownload;

/// <summary>
/// Where the keys of a download are looked for and not found, and what a power cut leaves of one.
/// </summary>
public sealed class KeySecrecyTests
{
    [Fact]
    [Trait("Req", "S02")]
    public void Neither_side_stores_the_operation_key_and_no_key_lies_in_clear()
    {
        using var folder = new TemporaryFolder();
        var path = folder.PathTo("chip");
        var immutable = TestChips.Immutable(1);
        SoftChip.FabricateIn(path, immutable, new SeededNoise(1), new byte[SoftChip.TesterSize]);
        byte[] request;
        byte[] answer;
        using var sam = new TestSam();
        using (var silicon = SoftChip.Open(path, new SeededNoise(2)))
        {
            var unit = new TestUnit(silicon);
            unit.Provision(TestUnit.Transport, "transport", null);
            AddUnits.Run(sam.Sam, [unit.Serial]);
            request = unit.Challenge(TestSam.Ref1).OrThrow();
            answer = ExportKeyToUnit.Run(sam.Sam, request).OrThrow().Encode();
            ConfirmAcknowledgement.Run(sam.Sam, unit.Import(answer).OrThrow()).OrThrow();
        }

        sam.Sam.Dispose();
        var files = Directory.GetFiles(path).Order().Append(sam.File);
        byte[] visible = [.. files.SelectMany(File.ReadAllBytes)];
        foreach (var key in KeysOf(ExportKey.Parse(request).OrThrow(), ImportKey.Parse(answer).OrThrow()))
        {
            Assert.Equal(-1, visible.AsSpan().IndexOf(key));
        }

        // That the search reads what it should: the die's file says which chip it is.
        Assert.True(visible.AsSpan().IndexOf(immutable.ChipId.ToArray()) > 0);
    }

    [Fact]
    [Trait("Req", "S07")]
    public void A_power_cut_at_any_write_of_an_import_leaves_the_unit_as_before_or_as_after()
    {
        var unit = TestUnit.Make(1, geometry: new FlashGeometry(64, 1024));
        using var sam = new TestSam(unit);
        var importKey = sam.ExportTo(unit);
        var challenges = unit.Silicon.Monotonic.State.Challenges;
        var report = PowerCutSweep.Run(
            unit.Silicon,
            seed: 7,
            silicon => TestUnit.Import(silicon, importKey).OrThrow(),
            chip => Assert.Equal(
                chip.Monotonic.Challenges > challenges,
                !chip.KeyStore.Find(new KeyHandle(KeyKind.Application, "1")).Refused(out _, out _)));
        Assert.True(report is { AsBefore: > 0, AsAfter: > 0 }, $"{report}");
    }

    [Fact]
    [Trait("Req", "S07")]
    public void After_a_power_cut_at_any_write_the_same_import_gets_its_acknowledgement()
    {
        var unit = TestUnit.Make();
        using var sam = new TestSam(unit);
        var importKey = sam.ExportTo(unit);
        var expected = unit.Copy().Import(importKey).OrThrow();
        for (var cut = 0; ; cut++)
        {
            var copy = unit.Copy();
            var power = new PowerCut(copy.Silicon, seed: 9);
            power.Arm(cut, CutKind.TornWord);
            try
            {
                TestUnit.Import(power, importKey).OrThrow();
                Assert.True(cut > 5);
                return;
            }
            catch (PowerLostException)
            {
                Assert.Equal(expected, copy.Import(importKey).OrThrow());
            }
        }
    }

    [Fact]
    public void A_power_cut_at_any_write_of_a_challenge_leaves_the_one_before_or_none()
    {
        var unit = TestUnit.Make();
        using var sam = new TestSam(unit);
        var importKey = sam.ExportTo(unit);
        var still = 0;
        for (var cut = 0; ; cut++)
        {
            var copy = unit.Copy();
            var power = new PowerCut(copy.Silicon, seed: 9);
            power.Arm(cut, CutKind.TornPage);
            try
            {
                TestUnit.Execute(power, "challenge", "ref1", new byte[4], "export-key").OrThrow();
                Assert.InRange(still, 1, cut - 1);
                return;
            }
            catch (PowerLostException)
            {
                var used = copy.Copy();
                still += used.Import(importKey).Refused(out _, out _) ? 0 : 1;
                Assert.NotEmpty(copy.Import(sam.ExportTo(copy)).OrThrow());
            }
        }
    }

    private static IEnumerable<byte[]> KeysOf(ExportKey request, ImportKey answer)
    {
        using var transport = new TransportKey(TestUnit.Transport);
        var applicationId = SlotTable.Default.ApplicationId.Span;
        using var unit = Diversification.KeyOf(transport, request.Serial, applicationId);
        var download = new Download(request.Random, request.Ref1, answer.Ref2, request.Serial);
        using var operation = download.KeyOf(unit);
        var block = KeyBlock.Parse(answer.Data.Span).OrThrow();
        using var application = KeyBlockOpener.Open(operation, block).OrThrow();
        return
        [
            transport.Expose().ToArray(), unit.Expose().ToArray(), operation.Expose().ToArray(),
            application.Expose().ToArray(),
        ];
    }
}
