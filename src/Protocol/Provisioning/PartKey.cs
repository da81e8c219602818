using Keywright.Protocol.Keys;

namespace Keywright.Protocol.Provisioning;

/// <summary>
/// The key of one part of one package (docs/spec/provisioning.md §5): 32 bytes, for suite 3 64 bytes,
/// which are K1 ‖ K2.
/// </summary>
public sealed class PartKey : Secret
{
    /// <summary>Takes as many bytes as <see cref="SizeOf"/> says.</summary>
    public PartKey(PackageSuite suite, ReadOnlySpan<byte> bytes)
        : base(bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes.Length, SizeOf(suite));
        Suite = suite;
    }

    /// <summary>What it seals with.</summary>
    public PackageSuite Suite { get; }

    /// <summary>How many bytes a suite's keys have.</summary>
    public static int SizeOf(PackageSuite suite) => suite == PackageSuite.CbcCmac ? 64 : 32;
}
