using Keywright.Protocol;

namespace Keywright.Fuzz;

/// <summary>Gives bytes to the code under attack and tells what it said.</summary>
public delegate Answer Judge(byte[] input);

/// <summary>What was said: refused, or accepted and perhaps to be written again.</summary>
/// <param name="Refused">Null when it was accepted.</param>
/// <param name="Again">Writes what was read; that must be the bytes that were given.</param>
/// <param name="Note">Tells one acceptance from another: a dump that is read but not whole.</param>
public sealed record Answer(Refusal? Refused, Func<byte[]>? Again = null, string? Note = null)
{
    public static Answer Accepted { get; } = new(Refused: null);

    /// <summary>The answer in one word.</summary>
    public string Name => Refused?.Name ?? Note ?? "accepted";

    public static Answer Of<T>(Outcome<T> outcome, Func<T, byte[]>? again = null)
        where T : notnull =>
        outcome.Refused(out var value, out var why)
            ? new Answer(why)
            : new Answer(null, again is null ? null : () => again(value));

    public static implicit operator Answer(Refusal? refusal) => new(refusal);
}

/// <summary>Bytes to begin with, and who judges what they are turned into.</summary>
/// <param name="Name">Names it within its target.</param>
/// <param name="Bytes">What is changed.</param>
/// <param name="Judge">Judges what <paramref name="Seal"/> makes of it.</param>
/// <param name="Seal">
/// Signs, tags or seals the changed bytes, so that the code behind the proof is reached; null where they are
/// the whole input.
/// </param>
public sealed record Seed(string Name, byte[] Bytes, Judge Judge, Func<byte[], byte[]>? Seal = null);

/// <summary>One reader or opener, with all that it may say.</summary>
/// <param name="Name">Names it on the command line and in the corpus.</param>
/// <param name="Seeds">At least one; accepted ones among them.</param>
/// <param name="May">The reasons for which it may refuse; any other one is a finding.</param>
public sealed record Target(string Name, IReadOnlyList<Seed> Seeds, params IReadOnlyList<Reason> May)
{
    /// <summary>Allocation that does not depend on the input, in bytes.</summary>
    public int BaseBytes { get; init; } = 16 * 1024;

    /// <summary>Allocation for each byte of the input, in bytes.</summary>
    public int BytesPerByte { get; init; } = 16;

    /// <summary>Cases of this target for one of the others: for those that take milliseconds each.</summary>
    public int CostFactor { get; init; } = 1;

    /// <summary>Changes in place of the usual ones.</summary>
    public Func<byte[], byte[], Dice, byte[]>? Change { get; init; }
}
