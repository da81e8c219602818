using Keywright.Protocol.Keys;

namespace Keywright.Protocol.KeyDownload;

/// <summary>
/// T: the AES key (16, 24 or 32 bytes) that a SAM and its units share, used to make T_SN and for nothing
/// else.
/// </summary>
public sealed class TransportKey : Secret
{
    /// <summary>Takes 16, 24 or 32 bytes.</summary>
    public TransportKey(ReadOnlySpan<byte> bytes)
        : base(bytes) => AesSize.Require(bytes.Length);
}

/// <summary>T_SN: the transport key of one unit, as long as T. A unit may be given this alone.</summary>
public sealed class UnitKey : Secret
{
    /// <summary>Takes 16, 24 or 32 bytes.</summary>
    public UnitKey(ReadOnlySpan<byte> bytes)
        : base(bytes) => AesSize.Require(bytes.Length);
}

/// <summary>
/// T1: the operation key of one download, 32 bytes; the protection key of its key block, never stored.
/// </summary>
public sealed class OperationKey : Secret, IDerivedKey<OperationKey>
{
    private OperationKey(ReadOnlySpan<byte> bytes)
        : base(bytes)
    {
    }

    public static int Size => 32;

    public static OperationKey FromBytes(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes.Length, Size);
        return new OperationKey(bytes);
    }
}

/// <summary>The key of the acknowledgement of one download, 32 bytes.</summary>
public sealed class AcknowledgementKey : Secret, IDerivedKey<AcknowledgementKey>
{
    private AcknowledgementKey(ReadOnlySpan<byte> bytes)
        : base(bytes)
    {
    }

    public static int Size => 32;

    public static AcknowledgementKey FromBytes(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes.Length, Size);
        return new AcknowledgementKey(bytes);
    }
}

/// <summary>TA: the AES key (16, 24 or 32 bytes) that is downloaded.</summary>
public sealed class ApplicationKey : Secret
{
    /// <summary>Takes 16, 24 or 32 bytes.</summary>
    public ApplicationKey(ReadOnlySpan<byte> bytes)
        : base(bytes) => AesSize.Require(bytes.Length);
}

/// <summary>The lengths that AES keys have.</summary>
internal static class AesSize
{
    public const int Max = 32;

    public static bool Fits(int size) => size is 16 or 24 or 32;

    public static void Require(int size)
    {
        if (!Fits(size))
        {
            throw new ArgumentException($"An AES key has 16, 24 or 32 bytes, not {size}.");
        }
    }
}
