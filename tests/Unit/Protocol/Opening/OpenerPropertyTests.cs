using FsCheck;
using FsCheck.Fluent;
using Keywright.Protocol;

namespace Keywright.UnitTests.Protocol.Opening;

/// <summary>
/// What holds for everything that opens: sealed and opened it is the same; changed in any one place, or shown to
/// anybody or anything that it was not sealed for, it is refused.
/// </summary>
public sealed class OpenerPropertyTests
{
    private const int Runs = 40;

    private static readonly IReadOnlyList<Sealed> All = [.. Openers.All];

    private static readonly Arbitrary<byte[]> Content = Gen.OneOf(
        ArbMap.Default.GeneratorFor<byte[]>(),
        Gen.Choose(0, 255).ArrayOf(1000).Select(bytes => bytes.Select(value => (byte)value).ToArray()))
        .ToArbitrary();

    public static TheoryData<string> Names => [.. All.Select(it => it.Name)];

    public static TheoryData<string, string> Elsewheres =>
        [.. All.SelectMany(it => it.Elsewhere.Keys.Select(where => (it.Name, where)))];

    [Theory]
    [MemberData(nameof(Names))]
    public void What_is_sealed_opens_to_the_same(string name)
    {
        var it = All.Single(each => each.Name == name);
        Prop.ForAll(
            Content,
            content => it.Open(it.Seal(it.Fit(content))).OrThrow().AsSpan().SequenceEqual(it.Fit(content)))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(Runs));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Any_one_change_is_refused(string name)
    {
        var it = All.Single(each => each.Name == name);
        Prop.ForAll(
            Content,
            Change.Any,
            (content, change) =>
            {
                var message = it.Seal(it.Fit(content));
                var changed = change.Of(message);
                return changed.AsSpan().SequenceEqual(message) || it.Open(changed).Refused(out _, out _);
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(5 * Runs));
    }

    [Theory]
    [MemberData(nameof(Elsewheres))]
    public void In_another_context_it_is_refused(string name, string where)
    {
        var it = All.Single(each => each.Name == name);
        Prop.ForAll(
            Content,
            content => it.Elsewhere[where](it.Seal(it.Fit(content))).Refused(out _, out _))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(Runs));
    }

    /// <summary>One place of a message changed in one way.</summary>
    private sealed record Change(int Kind, int Place, int Value)
    {
        public static Arbitrary<Change> Any { get; } = (
            from kind in Gen.Choose(0, 5)
            from place in Gen.Choose(0, int.MaxValue - 1)
            from value in Gen.Choose(1, 255)
            select new Change(kind, place, value)).ToArbitrary();

        public byte[] Of(byte[] message)
        {
            var at = Place % message.Length;
            var other = Value % message.Length;
            var changed = (byte[])message.Clone();
            switch (Kind)
            {
                case 0:
                    changed[at] ^= (byte)(1 << (Value % 8));
                    return changed;
                case 1:
                    changed[at] ^= (byte)Value;
                    return changed;
                case 2:
                    (changed[at], changed[other]) = (changed[other], changed[at]);
                    return changed;
                case 3:
                    return message[..at];
                case 4:
                    return [.. message[..at], (byte)Value, .. message[at..]];
                default:
                    return [.. message[..at], .. message[(at + 1)..]];
            }
        }
    }
}
