using System.Buffers.Binary;
using Keywright.Owner.KeyDownload;
using Keywright.Protocol;
using Keywright.Protocol.KeyDownload;
using Keywright.Protocol.Keys;
using Keywright.TestSupport;

namespace Keywright.UnitTests.KeyDownload;

public sealed class SamTests : IDisposable
{
    private readonly TestUnit unit = TestUnit.Make(1);
    private readonly TestSam sam;

    public SamTests() => sam = new TestSam(unit);

    public void Dispose() => sam.Dispose();

    [Fact]
    [Trait("Req", "S04")]
    public void An_export_is_judged_by_list_key_authorisation_and_ceiling()
    {
        var stranger = TestUnit.Make(2);
        Refused.For(Reason.UnknownUnit, Export(stranger.Challenge(TestSam.Ref1).OrThrow()));
        Refused.For(Reason.UnknownApplicationKey, Export(unit.Challenge(9).OrThrow()));
        AuthoriseDownloads.Run(sam.Sam, "an operator", DateTimeOffset.UnixEpoch, granted: false).OrThrow();
        Refused.For(Reason.NotAuthorised, Export(unit.Challenge(TestSam.Ref1).OrThrow()));
        AuthoriseDownloads.Run(sam.Sam, "an operator", DateTimeOffset.UnixEpoch).OrThrow();

        sam.Create(TestSam.Wanted with { Ref1 = 6, Ceiling = 1 });
        Export(unit.Challenge(6).OrThrow()).OrThrow();
        Refused.For(Reason.CeilingReached, Export(unit.Challenge(6).OrThrow()));
        AuthoriseDownloads.Raise(sam.Sam, 6, 2).OrThrow();
        Export(unit.Challenge(6).OrThrow()).OrThrow();
        Refused.For(Reason.CeilingReached, Export(unit.Challenge(6).OrThrow()));
    }

    [Fact]
    [Trait("Req", "S06")]
    public void The_same_request_gets_the_same_answer_also_after_a_restart_and_is_counted_once()
    {
        var request = unit.Challenge(TestSam.Ref1).OrThrow();
        var answer = Export(request).OrThrow().Encode();
        Assert.Equal(answer, Export(request).OrThrow().Encode());
        sam.Restart();
        AuthoriseDownloads.Run(sam.Sam, "an operator", DateTimeOffset.UnixEpoch, granted: false).OrThrow();
        Assert.Equal(answer, Export(request).OrThrow().Encode());
        Assert.Equal(1, sam.Sam.State.Record.ApplicationKeys[TestSam.Ref1].Exported);
    }

    [Fact]
    [Trait("Req", "S06")]
    public void Each_answer_is_another()
    {
        Assert.NotEqual(sam.ExportTo(unit), sam.ExportTo(unit));
    }

    [Fact]
    public void All_that_a_sam_knows_is_there_after_a_restart()
    {
        var answer = sam.ExportTo(unit);
        ConfirmAcknowledgement.Run(sam.Sam, unit.Import(answer).OrThrow()).OrThrow();
        AuthoriseDownloads.Raise(sam.Sam, TestSam.Ref1, 200).OrThrow();
        var before = sam.Sam.State;
        sam.Restart();
        var after = sam.Sam.State;
        Assert.Equal(before.Record.Units, after.Record.Units);
        Assert.Equal(before.Record.ApplicationKeys, after.Record.ApplicationKeys);
        Assert.Equal(before.Authorisation, after.Authorisation);
        Assert.True(after.LastOf(unit.Serial, TestSam.Ref1)!.Acknowledged);
        ConfirmAcknowledgement.Run(sam.Sam, unit.Import(sam.ExportTo(unit)).OrThrow()).OrThrow();
    }

    [Fact]
    public void A_newer_version_is_counted_anew_and_the_same_or_an_older_one_is_refused()
    {
        Refused.For(Reason.OlderKey, CreateApplicationKey.Run(sam.Sam, TestSam.Wanted));
        Refused.For(Reason.OlderKey, CreateApplicationKey.Run(sam.Sam, TestSam.Wanted with { Version = 2 }));
        sam.ExportTo(unit);
        sam.Create(TestSam.Wanted with { Version = 4 });
        Assert.Equal(0, sam.Sam.State.Record.ApplicationKeys[TestSam.Ref1].Exported);
        var report = ReportDownloads.Run(sam.Sam, TestSam.Ref1).OrThrow();
        Assert.Equal(DownloadStage.Missing, Assert.Single(report.Units).Stage);
    }

    [Fact]
    public void Wishes_out_of_form_are_refused()
    {
        var wanted = TestSam.Wanted with { Ref1 = 8 };
        foreach (var wrong in new[]
        {
            wanted with { Usage = "d0" }, wanted with { Usage = "D" }, wanted with { Mode = '-' },
            wanted with { Version = 0 }, wanted with { Version = 100 }, wanted with { Ceiling = -1 },
            wanted with { SizeBytes = 20 },
        })
        {
            Refused.For(Reason.Malformed, CreateApplicationKey.Run(sam.Sam, wrong));
        }

        Refused.For(Reason.Malformed, AuthoriseDownloads.Run(sam.Sam, "", DateTimeOffset.UnixEpoch));
        Refused.For(Reason.Malformed, AuthoriseDownloads.Raise(sam.Sam, TestSam.Ref1, 100));
        Refused.For(Reason.UnknownApplicationKey, AuthoriseDownloads.Raise(sam.Sam, 9, 100));
        Refused.For(Reason.UnknownApplicationKey, ReportDownloads.Run(sam.Sam, 9));
    }

    [Fact]
    public void A_foreign_or_changed_acknowledgement_is_refused()
    {
        var twin = TestUnit.Make(2);
        AddUnits.Run(sam.Sam, [twin.Serial]);
        var answer = sam.ExportTo(unit);
        var good = unit.Import(answer).OrThrow();
        var ofTwin = Acknowledgement.Parse(twin.Import(sam.ExportTo(twin)).OrThrow()).OrThrow();
        var parsed = Acknowledgement.Parse(good).OrThrow();
        foreach (var bad in new[]
        {
            parsed with { Serial = twin.Serial }, parsed with { Data = Digest.Zero },
            parsed with { Tag = ofTwin.Tag }, parsed with { Data = ofTwin.Data },
        })
        {
            Refused.For(Reason.BadAcknowledgement, ConfirmAcknowledgement.Run(sam.Sam, bad.Encode()));
        }

        Refused.For(Reason.Malformed, ConfirmAcknowledgement.Run(sam.Sam, good.AsSpan(1)));
        ConfirmAcknowledgement.Run(sam.Sam, good).OrThrow();
        ConfirmAcknowledgement.Run(sam.Sam, good).OrThrow();
    }

    [Fact]
    public void A_last_record_cut_short_anywhere_is_dropped_and_the_sam_goes_on()
    {
        var length = new FileInfo(sam.File).Length;
        sam.ExportTo(unit);
        sam.Sam.Dispose();
        var whole = File.ReadAllBytes(sam.File);
        for (var size = length; size < whole.Length; size++)
        {
            File.WriteAllBytes(sam.File, whole[..(int)size]);
            using var opened = Sam.Open(sam.File, sam.Key, sam.Entropy).OrThrow();
            Assert.Equal(0, opened.State.Record.ApplicationKeys[TestSam.Ref1].Exported);
            Assert.True(opened.State.Record.Authorised);
            Assert.Equal(size, new FileInfo(sam.File).Length);
        }

        File.WriteAllBytes(sam.File, [.. whole[..(int)length], .. new byte[200]]);
        sam.Restart();
        sam.ExportTo(unit);
        sam.Restart();
        Assert.Equal(1, sam.Sam.State.Record.ApplicationKeys[TestSam.Ref1].Exported);
    }

    [Fact]
    public void A_changed_file_or_another_sam_key_is_refused()
    {
        sam.Sam.Dispose();
        var whole = File.ReadAllBytes(sam.File);
        var last = whole.Length - LastRecordSize(whole);
        for (var at = 6; at < last; at++)
        {
            var changed = whole.ToArray();
            changed[at] ^= 0x10;
            File.WriteAllBytes(sam.File, changed);
            Refused.For(Reason.BadSeal, Sam.Open(sam.File, sam.Key, sam.Entropy));
        }

        File.WriteAllBytes(sam.File, whole);
        using var other = SealKey.FromBytes(new byte[32]);
        Refused.For(Reason.BadSeal, Sam.Open(sam.File, other, sam.Entropy));
        File.WriteAllBytes(sam.File, [1, 2, 3]);
        Refused.For(Reason.Malformed, Sam.Open(sam.File, sam.Key, sam.Entropy));
    }

    [Fact]
    public void One_process_at_a_time_holds_the_file_and_a_new_sam_overwrites_none()
    {
        Assert.Throws<IOException>(() => Sam.Open(sam.File, sam.Key, sam.Entropy));
        using var transport = new TransportKey(TestUnit.Transport);
        Assert.Throws<IOException>(() => Sam.Create(sam.File, sam.Key, transport, [1], new SeededEntropy(1)));
    }

    private static int LastRecordSize(byte[] file)
    {
        var size = 0;
        for (var at = 6; at < file.Length; at += size)
        {
            size = 8 + BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));
        }

        return size;
    }

    private Outcome<ImportKey> Export(byte[] request) => ExportKeyToUnit.Run(sam.Sam, request);
}
