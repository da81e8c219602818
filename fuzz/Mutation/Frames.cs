using System.Buffers.Binary;

namespace Keywright.Fuzz.Mutation;

/// <summary>Dumps taken apart: frames of kind (1 byte), length (4 bytes) and content.</summary>
internal static class Frames
{
    private const int HeadSize = 5;

    /// <summary>The frames of a whole dump; what does not fill one is left out.</summary>
    public static List<(byte Kind, byte[] Content)> Split(byte[] dump)
    {
        var frames = new List<(byte, byte[])>();
        for (var at = 0; at + HeadSize <= dump.Length;)
        {
            var size = (int)Math.Min(
                BinaryPrimitives.ReadUInt32BigEndian(dump.AsSpan(at + 1)), (uint)(dump.Length - at - HeadSize));
            frames.Add((dump[at], dump[(at + HeadSize)..(at + HeadSize + size)]));
            at += HeadSize + size;
        }

        return frames;
    }

    /// <summary>Changes whole frames, or the content of one under its right length.</summary>
    public static byte[] Change(byte[] dump, byte[] other, Dice dice)
    {
        var frames = Split(dump);
        if (dice.OneIn(3) || frames.Count == 0)
        {
            return Mutator.Change(dump, other, dice);
        }

        for (var changes = dice.Few(3); changes > 0 && frames.Count > 0; changes--)
        {
            ChangeOne(frames, Split(other), dice);
        }

        return Join(frames);
    }

    /// <summary>The bytes of frames.</summary>
    public static byte[] Join(IEnumerable<(byte Kind, byte[] Content)> frames) =>
        [.. frames.SelectMany(frame => Written(frame.Kind, frame.Content))];

    private static void ChangeOne(
        List<(byte Kind, byte[] Content)> frames, List<(byte Kind, byte[] Content)> others, Dice dice)
    {
        var at = dice.Below(frames.Count);
        switch (dice.Below(7))
        {
            case 0:
                frames.RemoveAt(at);
                break;
            case 1:
                frames.Insert(at, frames[at]);
                break;
            case 2:
                var to = dice.Below(frames.Count);
                (frames[at], frames[to]) = (frames[to], frames[at]);
                break;
            case 3 when others.Count > 0:
                frames.Insert(at, dice.Pick(others));
                break;
            case 4:
                frames[at] = ((byte)dice.Below(6), frames[at].Content);
                break;
            default:
                frames[at] = (frames[at].Kind, Mutator.Change(frames[at].Content, frames[at].Content, dice));
                break;
        }
    }

    private static byte[] Written(byte kind, byte[] content)
    {
        var frame = new byte[HeadSize + content.Length];
        frame[0] = kind;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), content.Length);
        content.CopyTo(frame, HeadSize);
        return frame;
    }
}
