using System.Text;

namespace Keywright.Fuzz.Mutation;

/// <summary>Changes of files in lines: whole lines, words, numbers, digits, line ends.</summary>
internal static class TextMutations
{
    private static readonly string[] Words =
    [
        "0", "00", "1", "-1", "+1", " 1", "1 ", "65535", "65536", "4294967295", "4294967296",
        "9223372036854775807", "9223372036854775808", "18446744073709551615", "18446744073709551616", "1e3", "0x", "0xFFFFFFFF",
        "null", "true", "\"\"", "[]", "{}", "—", "\0", "\t", "\r", "\u007F", "é", "\u2028", ":", ",", "//", "#",
    ];

    public static byte[] Change(byte[] bytes, byte[] other, Dice dice)
    {
        // Latin-1 keeps every byte as one character, whatever it means.
        var lines = Encoding.Latin1.GetString(bytes).Split('\n').ToList();
        var at = dice.Below(lines.Count);
        switch (dice.Below(10))
        {
            case 0:
                lines.RemoveAt(at);
                break;
            case 1:
                lines.Insert(at, lines[at]);
                break;
            case 2:
                var to = dice.Below(lines.Count);
                (lines[at], lines[to]) = (lines[to], lines[at]);
                break;
            case 3:
                lines.Insert(at, dice.Pick(Encoding.Latin1.GetString(other).Split('\n')));
                break;
            case 4:
                lines[at] = dice.OneIn(2) ? string.Empty : lines[at] + '\r';
                break;
            case 5 or 6:
                lines[at] = ChangeDigit(lines[at], dice);
                break;
            case 7:
                lines[at] = new string(dice.Pick<char>(['A', '0', ' ', ':']), dice.Below(600));
                break;
            default:
                lines[at] = ChangeWord(lines[at], dice);
                break;
        }

        return Encoding.Latin1.GetBytes(string.Join('\n', lines));
    }

    private static string ChangeDigit(string line, Dice dice)
    {
        if (line.Length == 0)
        {
            return line;
        }

        var at = dice.Below(line.Length);
        var with = dice.Below(4) switch
        {
            0 => "0123456789ABCDEFabcdef"[dice.Below(22)],
            1 when char.IsAsciiLetter(line[at]) => (char)(line[at] ^ ' '),
            2 => (char)dice.Below(256),
            _ => (char)(line[at] ^ (1 << dice.Below(7))),
        };
        return line[..at] + with + line[(at + 1)..];
    }

    private static string ChangeWord(string line, Dice dice)
    {
        var starts = new List<int> { 0 };
        for (var i = 1; i <= line.Length; i++)
        {
            if (i == line.Length || char.IsAsciiLetterOrDigit(line[i]) != char.IsAsciiLetterOrDigit(line[i - 1]))
            {
                starts.Add(i);
            }
        }

        var word = dice.Below(starts.Count - 1);
        var (from, to) = (starts[word], starts[Math.Min(word + 1, starts.Count - 1)]);
        var with = Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(dice.Pick<string>(Words)));
        return dice.Below(3) switch
        {
            0 => line[..from] + line[to..],
            1 => line[..to] + line[from..],
            _ => line[..from] + with + line[to..],
        };
    }
}
