using System.Buffers.Binary;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Keys;

namespace Keywright.Protocol.KeyDownload;

/// <summary>
/// What SAM and unit agree on for one download: the operation key, and the references that its key block
/// carries (docs/spec/keydownload.md §3).
/// </summary>
public sealed record Download(Challenge Random, uint Ref1, uint Ref2, SerialNumber Serial)
{
    /// <summary>
    /// The optional block with the references. X9.143 leaves numeric IDs to proprietary use; 75 is ours.
    /// </summary>
    public const string BlockId = "75";

    /// <summary>
    /// T1 = KDF-CMAC(T_SN, "operation", [random, REF1, REF2]). Dispose it after this one use.
    /// </summary>
    public OperationKey KeyOf(UnitKey unit) =>
        CmacKdf.Derive<OperationKey>(unit, "operation", CborItem.Array(Random.ToArray(), Ref1, Ref2));

    /// <summary>REF1 (4 bytes, big-endian) ‖ REF2 (4) ‖ SN, in upper-case hexadecimal.</summary>
    public OptionalBlock References()
    {
        Span<byte> numbers = stackalloc byte[2 * sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(numbers, Ref1);
        BinaryPrimitives.WriteUInt32BigEndian(numbers[sizeof(uint)..], Ref2);
        return new OptionalBlock(BlockId, $"{Convert.ToHexString(numbers)}{Serial}");
    }
}
