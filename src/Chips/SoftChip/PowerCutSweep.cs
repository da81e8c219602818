using System.Security.Cryptography;
using Keywright.Device.Chip;
using Keywright.Protocol;
using Keywright.Protocol.Cbor;

namespace Keywright.Chips;

/// <summary>How many cuts a sweep has made, and how many chips it has booted.</summary>
public sealed record SweepReport(int Writes, int Cuts, int SecondCuts, int AsBefore, int AsAfter);

/// <summary>
/// Exhaustion (docs/spec/chip.md §11): lets a chip do its work once and records the writes; then cuts at
/// every write in every way and after the last one, boots, cuts every write of that boot in every way, and
/// boots again. Each time the chip must boot without needing a recovery (unless it needed one before), and be
/// as before or as after, never between.
/// </summary>
public static class PowerCutSweep
{
    /// <summary>
    /// Sweeps over <paramref name="work"/> on copies of <paramref name="start"/>; the start itself stays
    /// untouched. <paramref name="check"/> may do with the chip after each boot what it likes, to see that it
    /// goes on. Throws <see cref="PowerCutException"/>, which names the cut and the seed.
    /// </summary>
    public static SweepReport Run(
        SoftChip start, ulong seed, Action<ISilicon> work, Action<ChipState>? check = null)
    {
        var sweep = new Sweep(start.Snapshot(), seed, check);
        return sweep.Over(work);
    }

    /// <summary>
    /// Digest of all that a chip is by use: every object in flash, and the registers but for boots and store
    /// numbers (those may be a step ahead after a cut: they only say which numbers are spent).
    /// </summary>
    public static Digest Fingerprint(ChipState chip)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var name in chip.Journal.Names)
        {
            var content = chip.Journal.ReadAll(name).OrThrow();
            hash.AppendData(CborItem.Array(name, content.Length));
            hash.AppendData(content);
        }

        var state = chip.Monotonic;
        hash.AppendData(CborItem.Array(
            (int)state.Lifecycle, state.Recoveries, state.Delivery.N, state.Delivery.Prev, state.Claimed,
            state.Challenges,
            state.Owner ?? Digest.Zero, state.Identity ?? Digest.Zero));
        foreach (var minimum in state.Sequences)
        {
            hash.AppendData(CborItem.Array(minimum.Owner, minimum.Program, minimum.Sequence));
        }

        return new Digest(hash.GetHashAndReset());
    }

    private sealed class Sweep(SoftChip start, ulong seed, Action<ChipState>? check)
    {
        private readonly SeededNoise noise = new(seed);
        private Digest before;
        private Digest after;
        private bool recoveryNeededBefore;
        private int cuts;
        private int secondCuts;
        private int asBefore;
        private int asAfter;

        public SweepReport Over(Action<ISilicon> work)
        {
            var whole = start.Snapshot();
            var recorder = new PowerCut(whole, seed);
            work(recorder);
            before = FingerprintOf(start.Snapshot(), out recoveryNeededBefore);
            after = FingerprintOf(whole, out _);
            var point = start.Snapshot();
            for (var i = 0; i < recorder.Writes.Count; i++)
            {
                foreach (var kind in recorder.Writes[i].Kinds)
                {
                    CutAt(point, recorder.Writes[i], kind, $"write {i} ({recorder.Writes[i]}), {kind}");
                }

                recorder.Writes[i].ApplyTo(point);
            }

            Recover(point, "the end");
            return new SweepReport(recorder.Writes.Count, cuts, secondCuts, asBefore, asAfter);
        }

        private void CutAt(SoftChip point, SiliconWrite write, CutKind kind, string where)
        {
            var chip = point.Snapshot();
            write.Tear(chip, kind, noise);
            Recover(chip, where);
        }

        private void Recover(SoftChip chip, string where)
        {
            cuts++;
            var recovering = new PowerCut(chip.Snapshot(), seed);
            Boot(recovering, where, checking: false);
            Boot(chip.Snapshot(), where);
            foreach (var step in recovering.Writes)
            {
                foreach (var second in step.Kinds)
                {
                    secondCuts++;
                    var again = chip.Snapshot();
                    step.Tear(again, second, noise);
                    Boot(again, $"{where}, then {step}, {second}");
                }

                step.ApplyTo(chip);
            }
        }

        private void Boot(ISilicon silicon, string where, bool checking = true)
        {
            try
            {
                using var chip = ChipState.Boot(silicon);
                var found = Fingerprint(chip);
                var needed = recoveryNeededBefore && found == before ? null : chip.KeyStore.RecoveryNeeded;
                if (needed is not null || (found != before && found != after))
                {
                    throw new InvalidOperationException(needed?.ToString() ?? "between two states");
                }

                if (checking)
                {
                    check?.Invoke(chip);
                }

                _ = found == after ? asAfter++ : asBefore++;
            }
            catch (Exception fault)
            {
                throw new PowerCutException($"Seed {seed}, cut at {where}: {fault.Message}", fault);
            }
        }

        private static Digest FingerprintOf(SoftChip chip, out bool recoveryNeeded)
        {
            using var booted = ChipState.Boot(chip);
            recoveryNeeded = booted.KeyStore.RecoveryNeeded is not null;
            return Fingerprint(booted);
        }
    }
}

/// <summary>A power cut that a chip did not survive as it must.</summary>
public sealed class PowerCutException(string message, Exception fault) : Exception(message, fault);
