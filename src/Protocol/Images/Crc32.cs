namespace Keywright.Protocol.Images;

/// <summary>
/// CRC-32 of IEEE 802.3 (polynomial 0x04C11DB7 reflected, start and final XOR 0xFFFFFFFF; "123456789" gives
/// 0xCBF43926), taken piece by piece. It finds accidents, not attackers.
/// </summary>
internal struct Crc32()
{
    private static readonly uint[] Table = MakeTable();

    private uint register = 0xFFFFFFFF;

    public readonly uint Value => ~register;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        foreach (var value in bytes)
        {
            register = Table[(byte)register ^ value] ^ (register >> 8);
        }
    }

    private static uint[] MakeTable()
    {
        var table = new uint[256];
        for (var i = 0u; i < table.Length; i++)
        {
            var entry = i;
            for (var bit = 0; bit < 8; bit++)
            {
                entry = (entry >> 1) ^ ((entry & 1) == 0 ? 0 : 0xEDB88320);
            }

            table[i] = entry;
        }

        return table;
    }
}
