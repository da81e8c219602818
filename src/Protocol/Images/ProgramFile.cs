using Keywright.Protocol.Keys;

namespace Keywright.Protocol.Images;

/// <summary>
/// The bytes of a program file with a device's keys in it, in the format it was written in. They are sealed for a
/// station or handed to a programmer, and stand on no medium.
/// </summary>
public sealed class ProgramFile : Secret
{
    /// <summary>Copies <paramref name="bytes"/>; the caller wipes its own copy.</summary>
    public ProgramFile(ReadOnlySpan<byte> bytes)
        : base(bytes)
    {
    }

    internal ProgramFile(WipedBuffer bytes)
        : base(bytes)
    {
    }
}
