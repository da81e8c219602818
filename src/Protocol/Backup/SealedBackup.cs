using Keywright.Protocol.Cbor;
using Keywright.Protocol.Cose;

namespace Keywright.Protocol.Backup;

/// <summary>
/// Backup: a whole key store, sealed by its chip for itself (docs/spec/backup.md §5). Map {0: version, 1:
/// mark, 2: number, 3: E0}. The mark is the backup code by which a chip tells a backup from other data.
/// </summary>
/// <param name="Number">The number of the key store in it, from 1 on.</param>
/// <param name="Sealed">E0 under the chip's backup key.</param>
public sealed record SealedBackup(ulong Number, ReadOnlyMemory<byte> Sealed)
{
    /// <summary>The largest key store that is backed up, in bytes.</summary>
    public const int MaxStoreBytes = 64 * 1024;

    /// <summary>The largest Backup, in bytes.</summary>
    public const int MaxSizeBytes = MaxStoreBytes + 128;

    /// <summary>The backup code.</summary>
    public static ReadOnlySpan<byte> Mark => "KWBACKUP"u8;

    /// <summary>
    /// Reads a Backup, also the form of its E0. Refusals: TooLarge, Malformed, WrongVersion; WrongType without the
    /// mark; WrongAlgorithm.
    /// </summary>
    public static Outcome<SealedBackup> Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MaxSizeBytes)
        {
            return new Refusal(Reason.TooLarge, $"a backup of {bytes.Length} bytes");
        }

        var reader = new CborReader(bytes);
        reader.Map(4);
        reader.Version(1);
        reader.Key(1);
        var mark = reader.Bytes(Mark.Length);
        if (!reader.Failed && !mark.SequenceEqual(Mark))
        {
            reader.Refuse(Reason.WrongType, "no backup code");
        }

        reader.Key(2);
        var number = reader.UInt(long.MaxValue);
        if (!reader.Failed && number == 0)
        {
            reader.Refuse(Reason.Malformed, "a key store has a number from 1 on");
        }

        reader.Key(3);
        var content = reader.Bytes().ToArray();
        if (!reader.Failed && Encrypt0Envelope.Read(content, MaxStoreBytes, out _, out _, out _) is { } bad)
        {
            reader.Refuse(bad.Reason, bad.Detail);
        }

        reader.EndMap();
        return reader.Finish() is { } why ? why : new SealedBackup(number, content);
    }

    /// <summary>The bytes that travel.</summary>
    public byte[] Write()
    {
        using var writer = new CborWriter(Sealed.Length + 32);
        return writer.Map(4)
            .Key(0).UInt(1)
            .Key(1).Bytes(Mark)
            .Key(2).UInt(Number)
            .Key(3).Bytes(Sealed.Span)
            .ToArray();
    }

    /// <summary>external_aad: [chip ID, H(device ID), number].</summary>
    internal static byte[] Aad(ChipId chip, Digest identity, ulong number) =>
        CborItem.Array(chip, identity, number);
}
