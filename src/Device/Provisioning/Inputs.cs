using System.Security.Cryptography;
using Keywright.Protocol;
using Keywright.Protocol.Commands;

namespace Keywright.Device.Provisioning;

/// <summary>
/// What the chip pulls from its host: messages whole and within their limits, packages and contents by the
/// block.
/// </summary>
internal sealed class Inputs(IChipHost host)
{
    private const int StreamSize = 16384;

    /// <summary>Size of an input. Refusals: MissingInput.</summary>
    public Outcome<long> SizeOf(string name)
    {
        var size = host.SizeOf(name);
        return size < 0 ? new Refusal(Reason.MissingInput, $"no input {name}") : size;
    }

    /// <summary>
    /// A whole small input. Refusals: MissingInput (also when the host gives less than it said), TooLarge.
    /// </summary>
    public Outcome<byte[]> Take(string name, int maxSizeBytes)
    {
        if (SizeOf(name).Refused(out var size, out var missing))
        {
            return missing;
        }

        if (size > maxSizeBytes)
        {
            return new Refusal(
                Reason.TooLarge, $"input {name} of {size} bytes, at most {maxSizeBytes} are looked at");
        }

        var bytes = GC.AllocateUninitializedArray<byte>((int)size, pinned: true);
        return TryRead(name, 0, bytes)
            ? bytes
            : new Refusal(Reason.MissingInput, $"input {name} ended early");
    }

    /// <summary>Fills <paramref name="destination"/>; false when the host has not that much.</summary>
    public bool TryRead(string name, long offset, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            var count = host.Read(name, offset, destination);
            if (count <= 0 || count > destination.Length)
            {
                return false;
            }

            destination = destination[count..];
            offset += count;
        }

        return true;
    }

    /// <summary>H of a whole input, in one pass. Refusals: MissingInput.</summary>
    public Outcome<Digest> Hash(string name)
    {
        if (SizeOf(name).Refused(out var size, out var missing))
        {
            return missing;
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = GC.AllocateUninitializedArray<byte>(StreamSize, pinned: true);
        for (long offset = 0; offset < size; offset += buffer.Length)
        {
            var part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, size - offset));
            if (!TryRead(name, offset, part))
            {
                return new Refusal(Reason.MissingInput, $"input {name} ended early");
            }

            hash.AppendData(part);
        }

        CryptographicOperations.ZeroMemory(buffer);
        Span<byte> digest = stackalloc byte[Digest.Size];
        hash.GetHashAndReset(digest);
        return new Digest(digest);
    }
}
