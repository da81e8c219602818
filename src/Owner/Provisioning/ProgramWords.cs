using System.Collections.Immutable;
using System.Globalization;
using Keywright.Protocol;
using Keywright.Protocol.Provisioning;

namespace Keywright.Owner.Provisioning;

/// <summary>
/// The words of one line of program text; a word that does not fit is a FormatException with the reason.
/// </summary>
internal sealed class ProgramWords
{
    private static readonly Dictionary<string, uint> Constants = new()
    {
        ["blank"] = 0,
        ["provisioned"] = 1,
        ["personalised"] = 2,
        ["fielded"] = 3,
        ["retired"] = 4,
        ["family-mode"] = (uint)PackageMode.Family,
        ["chip-mode"] = (uint)PackageMode.Chip,
    };

    private static readonly Dictionary<string, Fact> Facts =
        Enum.GetValues<Fact>().ToDictionary(fact => fact.NameInText());

    private readonly List<string> words;
    private int position;

    public ProgramWords(string line) => words = Split(line);

    public bool AtEnd => position == words.Count;

    public string Next() => AtEnd ? throw new FormatException("the line ends too early") : words[position++];

    public uint Slot(char bank)
    {
        var word = Next();
        return word[0] == bank && TryNumber(word[1..], out var slot) && slot < InstructionSet.SlotCount
            ? slot
            : throw new FormatException(
                $"{word} where a slot {bank}0 to {bank}{InstructionSet.SlotCount - 1} belongs");
    }

    public uint Number()
    {
        var word = Next();
        return TryNumber(word, out var number)
            ? number
            : throw new FormatException($"{word} where a number belongs");
    }

    public string Text()
    {
        var word = Next();
        return IsText(word) && word.Length > 1
            ? word[1..]
            : throw new FormatException($"{word} where a text in quotes belongs");
    }

    public Item Item()
    {
        var word = Next();
        return word switch
        {
            _ when IsText(word) => Protocol.Provisioning.Item.Constant(word[1..]),
            _ when TryNumber(word, out var number) => Protocol.Provisioning.Item.Constant(number),
            _ when Constants.TryGetValue(word, out var constant) =>
                Protocol.Provisioning.Item.Constant(constant),
            _ when Facts.TryGetValue(word, out var fact) => Protocol.Provisioning.Item.Of(fact),
            "shares" => Protocol.Provisioning.Item.Shares,
            ['v', .. var slot] when TryNumber(slot, out var value) && value < InstructionSet.SlotCount =>
                Protocol.Provisioning.Item.Value(value),
            ['k', .. var slot] when TryNumber(slot, out var key) && key < InstructionSet.SlotCount =>
                Protocol.Provisioning.Item.Key(key),
            _ => throw new FormatException($"{word} is no slot, fact, number or text"),
        };
    }

    public ImmutableArray<Item> Items()
    {
        var items = ImmutableArray.CreateBuilder<Item>();
        Punctuation("[");
        while (!AtEnd && words[position] != "]")
        {
            if (items.Count > 0)
            {
                Punctuation(",");
            }

            items.Add(Item());
        }

        Punctuation("]");
        return items.ToImmutable();
    }

    public ImmutableArray<Item> Kinds()
    {
        var kinds = ImmutableArray.CreateBuilder<Item>();
        do
        {
            var word = Next();
            kinds.Add(Enum.TryParse<AssetKind>(word, ignoreCase: true, out var kind)
                && char.IsAsciiLetter(word[0])
                ? Protocol.Provisioning.Item.Constant((uint)kind)
                : throw new FormatException($"{word} is no kind of asset"));
        }
        while (!AtEnd);
        return kinds.ToImmutable();
    }

    public Reason Reason()
    {
        var word = Next();
        return Reasons.TryParse(word, out var reason)
            ? reason
            : throw new FormatException($"no reason is called {word}");
    }

    public OemRoot Root() => Next() switch
    {
        "oem-share" => OemRoot.Share,
        "master-share" => OemRoot.MasterShare,
        var word => throw new FormatException($"{word} is no root: there are oem-share and master-share"),
    };

    private void Punctuation(string mark)
    {
        if (Next() is var word && word != mark)
        {
            throw new FormatException($"{word} where \"{mark}\" belongs");
        }
    }

    private static bool TryNumber(string word, out uint number) =>
        uint.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    // A text keeps its opening quote, so that it is never taken for another word.
    private static bool IsText(string word) => word[0] == '"';

    private static List<string> Split(string line)
    {
        var words = new List<string>();
        for (var i = 0; i < line.Length && line[i] != '#';)
        {
            var start = i;
            if (char.IsWhiteSpace(line[i]))
            {
                i++;
                continue;
            }

            if (line[i] == '"')
            {
                var end = line.IndexOf('"', i + 1);
                i = end < 0 ? line.Length : end + 1;
                words.Add(end < 0 ? "\"" : line[start..end]);
                continue;
            }

            do
            {
                i++;
            }
            while ("[],=".IndexOf(line[start]) < 0 && i < line.Length
                && !char.IsWhiteSpace(line[i]) && "[],=#\"".IndexOf(line[i]) < 0);
            words.Add(line[start..i]);
        }

        return words;
    }
}
