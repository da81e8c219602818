using FsCheck;
using FsCheck.Fluent;
using Keywright.Protocol;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Opening;
using Keywright.Protocol.Sealing;

namespace Keywright.UnitTests.Protocol;

public sealed class HpkePropertyTests
{
    [Fact]
    public void Each_of_up_to_eight_recipients_opens_and_nobody_else() => Prop.ForAll(
        Gen.Choose(1, 8).ToArbitrary(),
        ArbMap.Default.ArbFor<byte[]>(),
        ArbMap.Default.ArbFor<byte[]>(),
        (count, content, info) =>
        {
            var entropy = new SeededEntropy((ulong)content.Length);
            var keys = Enumerable.Range(0, count + 1).Select(_ => HpkePrivateKey.Generate(entropy)).ToList();
            var message = HpkeSealer.Seal(content, info, [.. keys.Take(count).Select(key => key.Public)], entropy);
            var opened = keys.Take(count)
                .All(key => HpkeOpener.Open(message, info, key, 10_000).OrThrow().AsSpan().SequenceEqual(content));
            HpkeOpener.Open(message, info, keys[count], 10_000).Refused(out _, out var why);
            keys.ForEach(key => key.Dispose());
            return opened && why?.Reason == Reason.NotTheRecipient;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(30));

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    public void None_or_nine_recipients_are_a_bug_in_the_caller(int count)
    {
        var entropy = new SeededEntropy(1);
        var keys = Enumerable.Range(0, count).Select(_ => HpkePrivateKey.Generate(entropy).Public).ToList();

        Assert.ThrowsAny<ArgumentException>(() => HpkeSealer.Seal([], [], keys, entropy));
    }

    [Fact]
    public void Any_bytes_are_refused()
    {
        using var key = HpkePrivateKey.Generate(new SeededEntropy(1));
        Prop.ForAll(
            ArbMap.Default.ArbFor<byte[]>(),
            bytes => HpkeOpener.Open(bytes, [], key, 100).Refused(out _, out _)).QuickCheckThrowOnFailure();
    }
}
