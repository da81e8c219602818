using System.Collections.Immutable;
using Keywright.Protocol;
using Keywright.Protocol.KeyDownload;
using Keywright.Protocol.Opening.KeyDownload;
using Keywright.Protocol.Sealing.KeyDownload;

namespace Keywright.UnitTests.Protocol.KeyDownload;

public sealed class DownloadTests : IDisposable
{
    private const uint Ref1 = 7;
    private static readonly SerialNumber Serial = new([4, 0xA1, 0xB2]);
    private static readonly KeySlot Slot = new(0x1000, "M6", 'C', 3);
    private static readonly ApplicationKeyRecord Known = new(Ref1, "M6", 'C', 3, Slot.Ref2, 2, 0);

    private readonly UnitKey unit;
    private readonly ApplicationKey key = new([.. Enumerable.Range(1, 16).Select(i => (byte)i)]);
    private readonly SeededEntropy entropy = new(5);

    public DownloadTests()
    {
        using var transport = new TransportKey([.. Enumerable.Range(64, 16).Select(i => (byte)i)]);
        unit = Diversification.KeyOf(transport, Serial, "KW1"u8);
    }

    public void Dispose()
    {
        unit.Dispose();
        key.Dispose();
    }

    [Fact]
    [Trait("Req", "S03")]
    [Trait("Req", "S04")]
    [Trait("Req", "S05")]
    public void A_key_goes_from_the_sam_to_its_unit_by_two_commands_and_is_acknowledged()
    {
        var challenge = NewChallenge();
        var request = ExportKey.Parse(new ExportKey(challenge.Random, Ref1, Serial).Encode()).OrThrow();
        var record = Sam().Judge(request).OrThrow();
        var data = DownloadSealer.Seal(unit, request, record, key, entropy);

        var command = ImportKey.Parse(new ImportKey(data, Slot.Ref2).Encode()).OrThrow();
        using var received = DownloadOpener.Open(unit, Serial, challenge, [Slot], command).OrThrow();
        Assert.Equal(key.Expose(), received.Key.Expose());
        Assert.Equal(Slot, received.Slot);

        var answer = Acknowledgement.Parse(received.Acknowledgement.Encode()).OrThrow();
        answer.Check(unit, Serial, challenge.Random, Digest.Of(data)).OrThrow();
    }

    [Fact]
    [Trait("Req", "S02")]
    public void The_operation_key_is_another_for_every_random_and_reference()
    {
        var random = NewChallenge().Random;
        var keys = new HashSet<string>();
        foreach (var download in new[]
        {
            new Download(random, 1, 2, Serial),
            new Download(NewChallenge().Random, 1, 2, Serial),
            new Download(random, 2, 2, Serial),
            new Download(random, 1, 1, Serial),
        })
        {
            using var operation = download.KeyOf(unit);
            Assert.True(keys.Add(Convert.ToHexString(operation.Expose())));
        }
    }

    [Fact]
    [Trait("Req", "S06")]
    public void A_replayed_or_redirected_block_is_refused()
    {
        var challenge = NewChallenge();
        var data = Seal(challenge, Known);
        AssertRefused(Reason.BadKeyBlock, Open(NewChallenge(), data));
        AssertRefused(Reason.NoChallenge, Open(null, data));
        AssertRefused(Reason.WrongReference, Open(challenge with { Ref1 = 8 }, data));
        AssertRefused(Reason.WrongReference, Open(challenge, data, serial: new SerialNumber([1])));
        AssertRefused(Reason.WrongReference, Open(challenge, data, ref2: 1));
        AssertRefused(
            Reason.WrongReference, Open(challenge, data, slot: Slot with { Ref2 = 0x1001 }, ref2: 0x1001));
    }

    [Fact]
    [Trait("Req", "S07")]
    public void A_key_that_does_not_fit_its_slot_is_refused()
    {
        var challenge = NewChallenge();
        AssertRefused(Reason.WrongUsage, Open(challenge, Seal(challenge, Known with { Usage = "D0" })));
        AssertRefused(Reason.WrongUsage, Open(challenge, Seal(challenge, Known with { Mode = 'G' })));
        AssertRefused(Reason.OlderKey, Open(challenge, Seal(challenge, Known with { Version = 2 })));
        using var newer = Open(challenge, Seal(challenge, Known with { Version = 9 })).OrThrow();
        Assert.Equal(9, newer.Slot.MinimumVersion);
    }

    [Fact]
    public void The_sam_answers_known_units_for_known_keys_when_authorised_and_below_the_ceiling()
    {
        var request = new ExportKey(NewChallenge().Random, Ref1, Serial);
        var sam = Sam();
        AssertRefused(Reason.UnknownUnit, sam.Judge(request with { Serial = new SerialNumber([1]) }));
        AssertRefused(Reason.UnknownApplicationKey, sam.Judge(request with { Ref1 = 8 }));
        AssertRefused(Reason.NotAuthorised, (sam with { Authorised = false }).Judge(request));

        sam = sam.Counted(sam.Judge(request).OrThrow());
        sam = sam.Counted(sam.Judge(request).OrThrow());
        AssertRefused(Reason.CeilingReached, sam.Judge(request));
    }

    [Fact]
    public void Commands_out_of_form_are_refused()
    {
        var request = new ExportKey(NewChallenge().Random, Ref1, Serial).Encode();
        for (var size = 0; size < request.Length; size++)
        {
            AssertRefused(Reason.Malformed, ExportKey.Parse(request.AsSpan(0, size)));
        }

        AssertRefused(Reason.Malformed, ExportKey.Parse([.. request, 0]));
        AssertRefused(Reason.TooLarge, ExportKey.Parse(new byte[65]));
        request[2] = 2;
        AssertRefused(Reason.WrongVersion, ExportKey.Parse(request));
        AssertRefused(Reason.TooLarge, ImportKey.Parse(new byte[KeyBlock.MaxSize + 17]));
        AssertRefused(Reason.TooLarge, Acknowledgement.Parse(new byte[97]));
    }

    private OutstandingChallenge NewChallenge()
    {
        var random = new byte[Challenge.Size];
        entropy.Fill(random);
        return new OutstandingChallenge(new Challenge(random), Ref1);
    }

    private byte[] Seal(OutstandingChallenge challenge, ApplicationKeyRecord record) =>
        DownloadSealer.Seal(unit, new ExportKey(challenge.Random, Ref1, Serial), record, key, entropy);

    private Outcome<ReceivedKey> Open(
        OutstandingChallenge? challenge,
        byte[] data,
        SerialNumber? serial = null,
        KeySlot? slot = null,
        uint? ref2 = null) =>
        DownloadOpener.Open(
            unit, serial ?? Serial, challenge, [slot ?? Slot], new ImportKey(data, ref2 ?? Slot.Ref2));

    private static SamRecord Sam() => new(
        [Serial], ImmutableDictionary<uint, ApplicationKeyRecord>.Empty.Add(Ref1, Known), Authorised: true);

    private static void AssertRefused<T>(Reason reason, Outcome<T> outcome)
        where T : notnull
    {
        Assert.True(outcome.Refused(out _, out var why));
        Assert.Equal(reason, why.Reason);
    }
}
