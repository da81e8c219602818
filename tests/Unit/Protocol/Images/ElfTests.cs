using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Keywright.Protocol;
using Keywright.Protocol.Images;

namespace Keywright.UnitTests.Protocol.Images;

[Trait("Req", "T03")]
public class ElfTests
{
    private static readonly Arbitrary<ElfTarget> AnyTarget = (
        from is64Bit in Gen.Elements(false, true)
        from bigEndian in Gen.Elements(false, true)
        from machine in Gen.Choose(0, ushort.MaxValue)
        from flags in Gen.Choose(int.MinValue, int.MaxValue)
        select new ElfTarget(is64Bit, bigEndian, (ushort)machine, (uint)flags)).ToArbitrary();

    [Fact]
    public void What_is_written_is_read_back() => Prop.ForAll(
        ArbitraryImage.Any,
        AnyTarget,
        (image, target) =>
        {
            var file = new Elf(target).Write(image).OrThrow();
            return new Elf(ElfTarget.Arm).Read(file).OrThrow().Equals(image.WithLinearStart())
                && Elf.TargetOf(file).OrThrow() == target;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Changed_headers_give_an_image_or_a_refusal()
    {
        var image = MemoryImage.Of([(0x100, [1, 2, 3]), (0x200, [4])], new StartAddress(0x101, false)).OrThrow();
        Prop.ForAll(
            AnyTarget,
            ArbMap.Default.ArbFor<(PositiveInt At, byte Value)[]>(),
            (target, changes) =>
            {
                var file = new Elf(target).Write(image).OrThrow();
                foreach (var (at, value) in changes)
                {
                    file[at.Get % file.Length] = value;
                }

                var refused = new Elf(target).Read(file).Refused(out var read, out var why);
                return refused
                    ? why!.Reason is Reason.BadImage or Reason.TooLarge
                    : read!.Layout.ContentLength <= 2 * file.Length;
            }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_file_cut_short_anywhere_before_its_content_ends_is_refused()
    {
        var image = MemoryImage.Of([(0x100, [1, 2, 3])], start: null).OrThrow();
        var file = new Elf(ElfTarget.Arm).Write(image).OrThrow();
        var contentEnd = 52 + 32 + 3;
        for (var length = 0; length < file.Length; length++)
        {
            Assert.Equal(
                length < contentEnd, new Elf(ElfTarget.Arm).Read(file.AsSpan(0, length)).Refused(out _, out _));
        }
    }

    [Fact]
    public void Segments_that_share_bytes_of_the_file_are_read_up_to_the_limit()
    {
        // 65 program headers over the same 1 MiB: a small file that claims more than an image may hold.
        const int piece = 1 << 20;
        var pieces = Enumerable.Range(0, 65).Select(i => ((uint)i * 2 * piece, new byte[1])).ToList();
        var file = new Elf(ElfTarget.Arm).Write(MemoryImage.Of(pieces, start: null).OrThrow()).OrThrow();
        var large = new byte[file.Length + piece];
        file.CopyTo(large, 0);
        for (var i = 0; i < 65; i++)
        {
            var header = large.AsSpan(52 + (32 * i), 32);
            BitConverter.TryWriteBytes(header[16..], piece);
            BitConverter.TryWriteBytes(header[20..], piece);
        }

        new Elf(ElfTarget.Arm).Read(large).Refused(out _, out var why);

        Assert.Equal(Reason.TooLarge, why?.Reason);
    }

    [Fact]
    public void More_than_256_MiB_of_file_is_refused_unread()
    {
        new Elf(ElfTarget.Arm).Read(new byte[Elf.MaxFileBytes + 1]).Refused(out _, out var why);

        Assert.Equal(Reason.TooLarge, why?.Reason);
    }

    [Fact]
    public void A_secret_image_is_read_and_written_as_the_same_bytes()
    {
        var elf = new Elf(ElfTarget.Arm);
        var bytes = elf.Write(MemoryImage.Of([(0x100, [1, 2, 3])], start: null).OrThrow()).OrThrow();
        using var secret = elf.ReadSecret(bytes).OrThrow();
        using var file = elf.Write(secret).OrThrow();

        Assert.True(file.Expose().SequenceEqual(bytes));
    }
}
