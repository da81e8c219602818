namespace Keywright.Protocol.Images;

/// <summary>
/// What an ELF file is made for: taken over from the one that was read, so that a patched one comes out
/// alike.
/// </summary>
/// <param name="Is64Bit">ELFCLASS64, else ELFCLASS32.</param>
/// <param name="BigEndian">ELFDATA2MSB, else ELFDATA2LSB.</param>
/// <param name="Machine"><c>e_machine</c>: 40 is ARM.</param>
/// <param name="Flags"><c>e_flags</c>: for ARM, the version of its ABI.</param>
public sealed record ElfTarget(bool Is64Bit, bool BigEndian, ushort Machine, uint Flags)
{
    /// <summary>32-bit little-endian ARM, EABI version 5.</summary>
    public static ElfTarget Arm { get; } = new(Is64Bit: false, BigEndian: false, 40, 0x05000000);
}
