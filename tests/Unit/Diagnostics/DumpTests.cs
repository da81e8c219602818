using Keywright.Protocol;
using Keywright.Protocol.Diagnostics;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Opening.Diagnostics;
using Keywright.Protocol.Sealing.Diagnostics;

namespace Keywright.UnitTests.Diagnostics;

public sealed class DumpTests
{
    private static readonly SeededEntropy Entropy = new(20);
    private static readonly SigningKey Identity = SigningKey.Generate(Entropy);
    private static readonly HpkePrivateKey OwnerA = HpkePrivateKey.Generate(Entropy);
    private static readonly HpkePrivateKey OwnerB = HpkePrivateKey.Generate(Entropy);
    private static readonly byte[] ContentA = Content(40_000);
    private static readonly byte[] ContentB = Content(100);
    private static readonly DumpPlace Place = new(ChipId.FromRandom(Content(16)), 7, 0);

    [Fact]
    [Trait("Req", "D04")]
    [Trait("Req", "D06")]
    public void Each_owner_opens_its_own_segment_and_sees_the_others_sealed()
    {
        var dump = Seal();
        var (a, openedA) = Open(dump, OwnerA);
        var (b, openedB) = Open(dump, OwnerB);
        Assert.Equal(ContentA, openedA[0]);
        Assert.Equal(ContentB, openedB[1]);
        Assert.Equal([40_000L, null], a.OrThrow().Segments.Select(segment => segment.Size));
        Assert.Equal([null, 100L], b.OrThrow().Segments.Select(segment => segment.Size));
        Assert.Equal(DumpTrigger.Crash, a.OrThrow().Signed!.Content.Trigger);
        Assert.Equal("meter", a.OrThrow().Signed!.Content.Segments[0].Program.Name);
    }

    [Fact]
    [Trait("Req", "D06")]
    public void A_stranger_is_refused_by_that_name()
    {
        using var stranger = HpkePrivateKey.Generate(new SeededEntropy(5));
        Assert.Equal(Reason.NotTheRecipient, Why(Open(Seal(), stranger).Verdict));
    }

    [Fact]
    [Trait("Req", "D09")]
    public void An_old_dump_opens_with_the_old_key_beside_the_new_one()
    {
        using var newer = HpkePrivateKey.Generate(new SeededEntropy(6));
        var (verdict, opened) = Open(Seal(), newer, OwnerA);
        Assert.NotNull(verdict.OrThrow().Signed);
        Assert.Equal(ContentA, opened[0]);
    }

    [Fact]
    public void Whatever_is_cut_off_leaves_a_true_beginning_that_is_called_unfinished()
    {
        var dump = Seal();
        var beginnings = 0;
        for (var length = 0; length < dump.Length; length += 97)
        {
            var (verdict, opened) = Open(dump[..length], OwnerA);
            if (verdict.Refused(out var cut, out var why))
            {
                Assert.True(why.Reason is Reason.Malformed or Reason.NotTheRecipient, why.ToString());
                continue;
            }

            Assert.Null(cut.Signed);
            Assert.Equal(ContentA[..opened[0].Length], opened[0]);
            beginnings++;
        }

        Assert.True(beginnings > 300);
    }

    [Fact]
    public void No_single_bit_change_passes_for_a_whole_dump()
    {
        var dump = SealSmall();
        for (var bit = 0; bit < dump.Length * 8; bit++)
        {
            var changed = (byte[])dump.Clone();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            var (verdict, _) = Open(changed, OwnerB);
            Assert.True(verdict.Refused(out var opened, out _) || opened.Signed is null, $"bit {bit}");
        }
    }

    [Fact]
    [Trait("Req", "D09")]
    public void Parts_of_two_dumps_do_not_mix()
    {
        var one = SealSmall();
        var other = SealSmall(new DumpPlace(Place.Chip, 7, 1));
        var end = one.Length - 5 - EndLength(one);
        byte[] mixed = [.. one[..end], .. other[(other.Length - 5 - EndLength(other))..]];
        Assert.Equal(Reason.WrongDump, Why(Open(mixed, OwnerB).Verdict));
        Assert.Equal(Reason.Malformed, Why(Open([.. one, .. other], OwnerB).Verdict));
        byte[] twoEnds = [.. one, .. one[end..]];
        Assert.Equal(Reason.Malformed, Why(Open(twoEnds, OwnerB).Verdict));
    }

    [Fact]
    [Trait("Req", "D09")]
    public void A_dump_signed_by_another_chip_is_refused()
    {
        using var other = SigningKey.Generate(new SeededEntropy(8));
        Assert.Equal(Reason.BadSignature, Why(Open(SealSmall(signer: other), OwnerB).Verdict));
    }

    private static int EndLength(byte[] dump)
    {
        for (var at = 0; ;)
        {
            var length = (dump[at + 1] << 24) | (dump[at + 2] << 16) | (dump[at + 3] << 8) | dump[at + 4];
            if (dump[at] == DumpFrame.End)
            {
                return length;
            }

            at += 5 + length;
        }
    }

    private static byte[] Seal()
    {
        var output = new MemoryStream();
        var sealer = new DumpSealer(Place, Entropy, bytes => output.Write(bytes));
        sealer.Add(Program("meter"), DumpKind.ElfCore, [OwnerA.Public], new MemoryStream(ContentA).Read);
        sealer.Add(Program("radio"), DumpKind.Trace, [OwnerB.Public], new MemoryStream(ContentB).Read);
        sealer.End(Device, DumpTrigger.Crash, 1_800_000_000, Identity);
        return output.ToArray();
    }

    private static byte[] SealSmall(DumpPlace? place = null, SigningKey? signer = null)
    {
        var output = new MemoryStream();
        var sealer = new DumpSealer(place ?? Place, Entropy, bytes => output.Write(bytes));
        sealer.Add(Program("radio"), DumpKind.Trace, [OwnerB.Public], new MemoryStream(ContentB).Read);
        sealer.End(Device, DumpTrigger.DebugRequest, null, signer ?? Identity);
        return output.ToArray();
    }

    private static (Outcome<OpenedDump> Verdict, List<byte[]> Contents) Open(byte[] dump, params HpkePrivateKey[] keys)
    {
        var sinks = new SortedDictionary<int, MemoryStream>();
        var verdict = DumpOpener.Open(new MemoryStream(dump), keys, Identity.Public, (i, _) => sinks[i] = new MemoryStream());
        return (verdict, [.. Enumerable.Range(0, 2).Select(i => sinks.TryGetValue(i, out var sink) ? sink.ToArray() : [])]);
    }

    private static DeviceId Device => DeviceId.Parse("0011223344556677").OrThrow();

    private static DumpedProgram Program(string name) =>
        new(Digest.Of("owner"u8), Digest.Of("program"u8), name, "1.2.0", new byte[] { 1, 2, 3 });

    private static byte[] Content(int size)
    {
        var bytes = new byte[size];
        new SeededEntropy(99).Fill(bytes);
        return bytes;
    }

    private static Reason Why<T>(Outcome<T> outcome)
        where T : notnull => outcome.Refused(out _, out var why) ? why.Reason : throw new InvalidOperationException("accepted");
}
