using Keywright.Protocol;
using Keywright.Protocol.Cbor;

namespace Keywright.TestSupport;

/// <summary>
/// Reads any item of the wire profile, without a message in mind (docs/spec/primitives.md §2): integers −2⁶³…2⁶⁴ − 1,
/// at most a million bytes, items or pairs.
/// </summary>
internal static class ProfileItem
{
    private const int Limit = 1_000_000;

    /// <summary>Null when the bytes are one item of the profile and nothing else.</summary>
    public static Refusal? Judge(ReadOnlySpan<byte> bytes)
    {
        var reader = new CborReader(bytes);
        Read(ref reader);
        return reader.Finish();
    }

    private static void Read(ref CborReader reader)
    {
        switch (reader.NextMajor)
        {
            case 1:
                reader.Int(long.MinValue, -1);
                break;
            case 2:
                reader.Bytes(0, Limit);
                break;
            case 3:
                reader.Text(0, Limit);
                break;
            case 4:
                ReadArray(ref reader);
                break;
            case 5:
                ReadMap(ref reader);
                break;
            case 6 or 7:
                reader.Bool();
                break;
            default:
                reader.UInt(ulong.MaxValue);
                break;
        }
    }

    private static void ReadArray(ref CborReader reader)
    {
        var count = reader.Array(0, Limit);
        for (var i = 0; i < count && !reader.Failed; i++)
        {
            Read(ref reader);
        }

        reader.EndArray();
    }

    private static void ReadMap(ref CborReader reader)
    {
        reader.Map(Limit);
        for (var i = 0; i < 48 && !reader.Failed; i++)
        {
            if (reader.TryKey(i < 24 ? i : 23 - i))
            {
                Read(ref reader);
            }
        }

        reader.EndMap();
    }
}
