namespace Keywright.Fuzz.Mutation;

/// <summary>Makes a mutant of a seed, as its bytes let it: item by item, line by line, or byte by byte.</summary>
public static class Mutator
{
    private const int MostChanges = 6;
    private const int LargestMutant = 1 << 18;

    /// <summary>
    /// One of some 30 mutants is the seed itself, so that what follows an acceptance is looked at too.
    /// <paramref name="other"/> lends parts.
    /// </summary>
    public static byte[] Change(byte[] seed, byte[] other, Dice dice)
    {
        if (dice.OneIn(30))
        {
            return seed;
        }

        var changes = dice.Few(MostChanges);
        if (!dice.OneIn(5) && CborNode.Parse(seed) is { Items.Count: > 0 } tree)
        {
            return ChangeTree(tree, CborNode.Parse(other) ?? tree.Clone(), changes, dice);
        }

        var isText = seed.Length > 0 && !dice.OneIn(5) && IsText(seed);
        var mutant = seed;
        for (; changes > 0 && mutant.Length < LargestMutant; changes--)
        {
            mutant = isText
                ? TextMutations.Change(mutant, other, dice)
                : ByteMutations.Change(mutant, other, dice);
        }

        return mutant;
    }

    private static byte[] ChangeTree(CborNode tree, CborNode donor, int changes, Dice dice)
    {
        for (; changes > 0; changes--)
        {
            CborMutations.Change(tree, donor, dice);
        }

        return tree.Encode();
    }

    private static bool IsText(byte[] bytes) =>
        !bytes.AsSpan().ContainsAnyInRange((byte)0x00, (byte)0x08) && bytes.AsSpan().Contains((byte)'\n');
}
