using System.Buffers.Binary;
using FsCheck;
using FsCheck.Fluent;
using Keywright.Protocol.Keys;

namespace Keywright.UnitTests.Protocol.Keys;

public sealed class KdfTests
{
    /// <summary>CounterModeByHand is shown right by NIST's examples (vectors/primitives).</summary>
    [Fact]
    public void It_is_counter_mode_over_label_zero_context_and_length() => Prop.ForAll(
        Gen.Choose(1, 80).ToArbitrary(),
        ArbMap.Default.ArbFor<byte[]>(),
        ArbMap.Default.ArbFor<byte[]>(),
        (size, key, context) =>
        {
            Span<byte> bits = stackalloc byte[4];
            BinaryPrimitives.WriteInt32BigEndian(bits, size * 8);
            var expected = new byte[size];
            CounterModeByHand.Derive(key, [.. "keywright v1 name"u8, 0, .. context, .. bits], expected);
            var derived = new byte[size];
            Kdf.Derive(key, "name", context, derived);
            return derived.SequenceEqual(expected);
        }).QuickCheckThrowOnFailure();
}
