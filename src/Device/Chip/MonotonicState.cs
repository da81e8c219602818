using Keywright.Protocol;
using Keywright.Protocol.Cbor;

namespace Keywright.Device.Chip;

/// <summary>The delivery register: n and prev change together. n only rises.</summary>
public readonly record struct Delivery(ulong N, Digest Prev);

/// <summary>The lowest module sequence that is still accepted from an owner for a program.</summary>
public readonly record struct MinimumSequence(Digest Owner, string Program, ulong Sequence);

/// <summary>
/// What survives the loss of flash (docs/spec/chip.md §3). Nothing in it goes backward: counters and the
/// lifecycle only rise, (n, prev) changes only to a higher n, digests are set once. Immutable; <see
/// cref="After"/> gives the next content.
/// </summary>
public sealed record MonotonicState
{
    /// <summary>How many (owner, program) pairs have a minimum sequence.</summary>
    public const int MaxSequences = 32;

    /// <summary>The content of a chip as it leaves the wafer.</summary>
    public static readonly MonotonicState Fresh = new();

    private MonotonicState()
    {
    }

    public Lifecycle Lifecycle { get; private init; }

    /// <summary>Store number i: the highest that was ever given to a key store.</summary>
    public ulong StoreIssued { get; private init; }

    /// <summary>Store number a: the highest whose backup was shown to be public; never above i.</summary>
    public ulong StoreShown { get; private init; }

    /// <summary>The recovery counter r.</summary>
    public ulong Recoveries { get; private init; }

    public Delivery Delivery { get; private init; }

    /// <summary>The highest delivery number that was ever claimed.</summary>
    public ulong Claimed { get; private init; }

    public ulong Boots { get; private init; }

    public ulong Challenges { get; private init; }

    /// <summary>H of the OEM's key, once provisioned.</summary>
    public Digest? Owner { get; private init; }

    /// <summary>H(device identity), once personalised.</summary>
    public Digest? Identity { get; private init; }

    public IReadOnlyList<MinimumSequence> Sequences { get; private init; } = [];

    /// <summary>
    /// The lowest sequence accepted from this owner for this program; 0 when none was ever installed.
    /// </summary>
    public ulong MinimumSequenceOf(Digest owner, string program) =>
        IndexOf(owner, program) is >= 0 and var index ? Sequences[index].Sequence : 0;

    /// <summary>True when a minimum sequence of this pair can be kept.</summary>
    public bool HasRoomFor(Digest owner, string program) =>
        Sequences.Count < MaxSequences || IndexOf(owner, program) >= 0;

    /// <summary>
    /// The content after an update: this very object when the register stands there or beyond already. A use
    /// case that has judged never asks for what throws here: another digest where one is set, a number shown
    /// that was not issued, a 33rd minimum sequence.
    /// </summary>
    public MonotonicState After(MonotonicUpdate update) => update.Register switch
    {
        MonotonicRegister.Lifecycle => update.Value > (ulong)Lifecycle
            ? this with { Lifecycle = (Lifecycle)Math.Min(update.Value, (ulong)Lifecycle.Retired) }
            : this,
        MonotonicRegister.StoreIssued =>
            update.Value > StoreIssued ? this with { StoreIssued = update.Value } : this,
        MonotonicRegister.StoreShown =>
            update.Value > StoreShown ? this with { StoreShown = Issued(update.Value) } : this,
        MonotonicRegister.Recovery =>
            update.Value > Recoveries ? this with { Recoveries = update.Value } : this,
        MonotonicRegister.Delivery => update.Value > Delivery.N
            ? this with { Delivery = new Delivery(update.Value, update.Digest) }
            : this,
        MonotonicRegister.Claimed => update.Value > Claimed ? this with { Claimed = update.Value } : this,
        MonotonicRegister.Boots => update.Value > Boots ? this with { Boots = update.Value } : this,
        MonotonicRegister.Challenges =>
            update.Value > Challenges ? this with { Challenges = update.Value } : this,
        MonotonicRegister.MinimumSequence => AfterSequence(update),
        MonotonicRegister.Owner => Unset(Owner, update) ? this with { Owner = update.Digest } : this,
        MonotonicRegister.Identity => Unset(Identity, update) ? this with { Identity = update.Digest } : this,
        _ => throw new ArgumentOutOfRangeException(nameof(update)),
    };

    /// <summary>
    /// CBOR: {0: 1, 1: lifecycle, 2: i, 3: a, 4: r, 5: n, 6: prev, 7: boots, 8: challenges, ? 9: owner, ? 10:
    /// identity, 11: [* [owner, program, sequence]], 12: claimed}.
    /// </summary>
    public void Write(CborWriter writer)
    {
        var optional = (Owner is null ? 0 : 1) + (Identity is null ? 0 : 1);
        writer.Map(11 + optional).Key(0).UInt(1).Key(1).UInt((ulong)Lifecycle).Key(2).UInt(StoreIssued);
        writer.Key(3).UInt(StoreShown).Key(4).UInt(Recoveries);
        writer.Key(5).UInt(Delivery.N).Key(6).Digest(Delivery.Prev);
        writer.Key(7).UInt(Boots).Key(8).UInt(Challenges);
        if (Owner is { } owner)
        {
            writer.Key(9).Digest(owner);
        }

        if (Identity is { } identity)
        {
            writer.Key(10).Digest(identity);
        }

        writer.Key(11).Array(Sequences.Count);
        foreach (var minimum in Sequences)
        {
            writer.Array(3).Digest(minimum.Owner).Text(minimum.Program).UInt(minimum.Sequence);
        }

        writer.Key(12).UInt(Claimed);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static MonotonicState Read(ref CborReader reader)
    {
        reader.Map(13);
        reader.Version(1);
        var state = Fresh with
        {
            Lifecycle = (Lifecycle)Number(ref reader, 1, (ulong)Lifecycle.Retired),
            StoreIssued = Number(ref reader, 2),
            StoreShown = Number(ref reader, 3),
            Recoveries = Number(ref reader, 4),
            Delivery = new Delivery(Number(ref reader, 5), DigestAt(ref reader, 6)),
            Boots = Number(ref reader, 7),
            Challenges = Number(ref reader, 8),
            Owner = reader.TryKey(9) ? reader.Digest() : null,
            Identity = reader.TryKey(10) ? reader.Digest() : null,
        };
        reader.Key(11);
        var sequences = new MinimumSequence[reader.Array(0, MaxSequences)];
        for (var i = 0; i < sequences.Length; i++)
        {
            reader.Array(3, 3);
            sequences[i] = new MinimumSequence(
                reader.Digest(), reader.Text(1, MonotonicUpdate.MaxProgramName), reader.UInt(ulong.MaxValue));
            reader.EndArray();
        }

        reader.EndArray();
        var claimed = Number(ref reader, 12);
        reader.EndMap();
        return state with { Sequences = sequences, Claimed = claimed };
    }

    private MonotonicState AfterSequence(MonotonicUpdate update)
    {
        var minimum = new MinimumSequence(update.Digest, update.Program, update.Value);
        var index = IndexOf(update.Digest, update.Program);
        if (index < 0)
        {
            return Sequences.Count < MaxSequences
                ? this with { Sequences = [.. Sequences, minimum] }
                : throw new InvalidOperationException("More programs than minimum sequences.");
        }

        return update.Value > Sequences[index].Sequence
            ? this with { Sequences = [.. Sequences.Take(index), minimum, .. Sequences.Skip(index + 1)] }
            : this;
    }

    private ulong Issued(ulong number) =>
        number <= StoreIssued
            ? number
            : throw new InvalidOperationException("A store number shown but never issued.");

    private int IndexOf(Digest owner, string program)
    {
        for (var i = 0; i < Sequences.Count; i++)
        {
            if (Sequences[i].Owner == owner && Sequences[i].Program == program)
            {
                return i;
            }
        }

        return -1;
    }

    private static bool Unset(Digest? held, MonotonicUpdate update) =>
        held is not { } digest || (digest == update.Digest
            ? false
            : throw new InvalidOperationException($"{update.Register} is set already."));

    private static ulong Number(ref CborReader reader, int key, ulong max = ulong.MaxValue)
    {
        reader.Key(key);
        return reader.UInt(max);
    }

    private static Digest DigestAt(ref CborReader reader, int key)
    {
        reader.Key(key);
        return reader.Digest();
    }
}
