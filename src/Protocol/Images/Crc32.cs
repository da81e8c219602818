using System.Buffers.Binary;

namespace Keywright.Protocol.Images;

/// <summary>
/// CRC-32 of IEEE 802.3 (polynomial 0x04C11DB7 reflected, start and final XOR 0xFFFFFFFF; "123456789" gives
/// 0xCBF43926), taken piece by piece. It finds accidents, not attackers.
/// </summary>
internal struct Crc32()
{
    private const int Stride = 8;

    // Table k, of 256 entries: what a byte does to the register when k more bytes follow it at once.
    private static readonly uint[] Tables = MakeTables();

    private uint register = 0xFFFFFFFF;

    public readonly uint Value => ~register;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        var tables = Tables.AsSpan();
        while (bytes.Length >= Stride)
        {
            var low = register ^ BinaryPrimitives.ReadUInt32LittleEndian(bytes);
            register = tables[(7 * 256) + (byte)low] ^ tables[(6 * 256) + (byte)(low >> 8)]
                ^ tables[(5 * 256) + (byte)(low >> 16)] ^ tables[(4 * 256) + (int)(low >> 24)]
                ^ tables[(3 * 256) + bytes[4]] ^ tables[(2 * 256) + bytes[5]]
                ^ tables[256 + bytes[6]] ^ tables[bytes[7]];
            bytes = bytes[Stride..];
        }

        foreach (var value in bytes)
        {
            register = tables[(byte)register ^ value] ^ (register >> 8);
        }
    }

    private static uint[] MakeTables()
    {
        var table = new uint[Stride * 256];
        for (var i = 0u; i < 256; i++)
        {
            var entry = i;
            for (var bit = 0; bit < 8; bit++)
            {
                entry = (entry >> 1) ^ ((entry & 1) == 0 ? 0 : 0xEDB88320);
            }

            table[i] = entry;
        }

        for (var i = 256; i < table.Length; i++)
        {
            table[i] = table[(byte)table[i - 256]] ^ (table[i - 256] >> 8);
        }

        return table;
    }
}
