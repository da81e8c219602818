using System.Formats.Cbor;
using FsCheck;
using FsCheck.Fluent;
using Keywright.Protocol;

namespace Keywright.UnitTests.Protocol;

/// <summary>
/// The reader of the wire profile against the platform's in its CTAP2 canonical form, which orders keys as
/// RFC 8949 §4.2.1 does. What the profile leaves out (floats, null, other keys, depth above 4) is judged here
/// by hand.
/// </summary>
public sealed class CborDifferenceTests
{
    private static readonly Gen<ulong> Number = Gen.OneOf(
        Gen.Elements<ulong>(0, 23, 24, 255, 256, 65535, 65536, uint.MaxValue),
        Gen.Elements<ulong>(1ul << 32, long.MaxValue, 1ul << 63, ulong.MaxValue),
        Gen.Choose(0, 40).Select(value => (ulong)value));

    private static readonly Gen<string> AnyText = Gen.Elements("", "a", "ü", "水", "𐅑", new string('x', 30));

    [Fact]
    public void Both_accept_the_same_well_formed_items() => Check(Item(4));

    [Fact]
    public void Both_accept_and_refuse_the_same_when_bytes_are_changed() => Check(
        from item in Item(4)
        from changes in Gen.Choose(0, 2)
        from changed in Changed(item, changes + 1)
        select changed);

    [Fact]
    public void Both_accept_and_refuse_the_same_of_any_bytes() => Check(
        from size in Gen.Choose(0, 12)
        from bytes in Byte.ArrayOf(size)
        select bytes);

    private static Gen<byte> Byte => Gen.OneOf(
        Gen.Choose(0, 255).Select(value => (byte)value),
        Gen.Elements<byte>(0x00, 0x17, 0x18, 0x20, 0x40, 0x41, 0x60, 0x61),
        Gen.Elements<byte>(0x80, 0x81, 0x82, 0xa0, 0xa1, 0xa2, 0xf4, 0xf5));

    private static void Check(Gen<byte[]> items) => Prop
        .ForAll(items.ToArbitrary(), item => ProfileItem.Judge(item) is null == IsAcceptedByThePlatform(item))
        .Check(Config.QuickThrowOnFailure.WithMaxTest(10_000));

    private static bool IsAcceptedByThePlatform(byte[] item)
    {
        try
        {
            var reader = new CborReader(item, CborConformanceMode.Ctap2Canonical);
            return IsInProfile(reader, depth: 0) && reader.BytesRemaining == 0;
        }
        catch (Exception fault) when (fault is CborContentException or OverflowException)
        {
            return false;
        }
    }

    private static bool IsInProfile(CborReader reader, int depth)
    {
        switch (reader.PeekState())
        {
            case CborReaderState.UnsignedInteger:
                reader.ReadUInt64();
                return true;
            case CborReaderState.NegativeInteger:
                return reader.ReadCborNegativeIntegerRepresentation() <= long.MaxValue;
            case CborReaderState.ByteString:
                reader.ReadByteString();
                return true;
            case CborReaderState.TextString:
                reader.ReadTextString();
                return true;
            case CborReaderState.Boolean:
                reader.ReadBoolean();
                return true;
            case CborReaderState.StartArray when depth < 4:
                return IsArray(reader, depth);
            case CborReaderState.StartMap when depth < 4:
                return IsMap(reader, depth);
            default:
                return false;
        }
    }

    private static bool IsArray(CborReader reader, int depth)
    {
        reader.ReadStartArray();
        while (reader.PeekState() != CborReaderState.EndArray)
        {
            if (!IsInProfile(reader, depth + 1))
            {
                return false;
            }
        }

        reader.ReadEndArray();
        return true;
    }

    private static bool IsMap(CborReader reader, int depth)
    {
        reader.ReadStartMap();
        while (reader.PeekState() != CborReaderState.EndMap)
        {
            var isNumber = reader.PeekState() is CborReaderState.UnsignedInteger or CborReaderState.NegativeInteger;
            if (!isNumber || reader.ReadInt64() is < -24 or > 23 || !IsInProfile(reader, depth + 1))
            {
                return false;
            }
        }

        reader.ReadEndMap();
        return true;
    }

    private static Gen<byte[]> Item(int depth)
    {
        var leaves = Gen.OneOf(
            Number.Select(value => Written(writer => writer.WriteUInt64(value))),
            Number.Select(value => Written(writer => writer.WriteCborNegativeIntegerRepresentation(value))),
            Byte.ArrayOf().Select(bytes => Written(writer => writer.WriteByteString(bytes))),
            AnyText.Select(text => Written(writer => writer.WriteTextString(text))),
            Gen.Elements(true, false).Select(value => Written(writer => writer.WriteBoolean(value))));
        if (depth == 0)
        {
            return leaves;
        }

        var inner = Item(depth - 1);
        var arrays =
            from count in Gen.Choose(0, 3)
            from items in inner.ArrayOf(count)
            select (byte[])[(byte)(0x80 | count), .. items.SelectMany(item => item)];
        var maps =
            from keys in Gen.Choose(-26, 25).ListOf()
            let distinct = keys.Distinct().Take(5).ToList()
            from values in inner.ArrayOf(distinct.Count)
            select Map(distinct, values);
        return Gen.OneOf(leaves, arrays, maps);
    }

    // The writer puts the keys in order.
    private static byte[] Map(List<int> keys, byte[][] values) => Written(writer =>
    {
        writer.WriteStartMap(keys.Count);
        foreach (var (key, value) in keys.Zip(values))
        {
            writer.WriteInt32(key);
            writer.WriteEncodedValue(value);
        }

        writer.WriteEndMap();
    });

    private static byte[] Written(Action<CborWriter> write)
    {
        var writer = new CborWriter(CborConformanceMode.Ctap2Canonical);
        write(writer);
        return writer.Encode();
    }

    private static Gen<byte[]> Changed(byte[] item, int times) => times == 0
        ? Gen.Constant(item)
        : from at in Gen.Choose(0, item.Length)
          from value in Byte
          from how in Gen.Choose(0, 3)
          from rest in Changed(Change(item, at, value, how), times - 1)
          select rest;

    private static byte[] Change(byte[] item, int at, byte value, int how) => how switch
    {
        0 => [.. item[..at], value, .. item[at..]],
        1 => [.. item[..at], .. item[Math.Min(at + 1, item.Length)..]],
        2 => item[..at],
        _ when at < item.Length => [.. item[..at], (byte)(value ^ item[at]), .. item[(at + 1)..]],
        _ => [.. item, value],
    };
}
