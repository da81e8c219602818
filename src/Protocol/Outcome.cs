using System.Diagnostics.CodeAnalysis;

namespace Keywright.Protocol;

/// <summary>
/// What judging hostile input gives: a value, or the <see cref="Refusal"/> that says why there is none.
/// When it is a refusal, nothing has changed.
/// </summary>
public readonly struct Outcome<T>
    where T : notnull
{
    private readonly T? value;
    private readonly Refusal? refusal;
    private readonly bool decided;

    private Outcome(T? value, Refusal? refusal)
    {
        this.value = value;
        this.refusal = refusal;
        decided = value is not null || refusal is not null;
    }

    /// <summary>True when refused; exactly one of the two results is then not null.</summary>
    public bool Refused([NotNullWhen(false)] out T? accepted, [NotNullWhen(true)] out Refusal? why)
    {
        if (!decided)
        {
            throw new InvalidOperationException("An outcome that nobody decided.");
        }

        accepted = value;
        why = refusal;
        return refusal is not null;
    }

    /// <summary>The value, where a refusal would be our own bug.</summary>
    public T OrThrow() =>
        Refused(out var accepted, out var why) ? throw new InvalidOperationException(why.ToString()) : accepted;

    public static implicit operator Outcome<T>(T value) => new(value, null);

    public static implicit operator Outcome<T>(Refusal refusal) => new(default, refusal);
}
