using Keywright.Protocol;
using Keywright.Protocol.KeyDownload;

namespace Keywright.Owner.KeyDownload;

/// <summary>
/// An application key that an operator wants. It is for AES and never exportable from a unit.
/// </summary>
/// <param name="Ref1">Names the key in the SAM.</param>
/// <param name="Usage">Two capitals or digits as X9.143 has them: D0 data encryption, M6 CMAC.</param>
/// <param name="Mode">B both ways, E encrypt, D decrypt, C make and verify MACs, and so on.</param>
/// <param name="Version">1 to 99.</param>
/// <param name="Ref2">The slot of the units.</param>
/// <param name="Ceiling">How many downloads are allowed in all.</param>
/// <param name="SizeBytes">16, 24 or 32.</param>
public sealed record WantedKey(
    uint Ref1, string Usage, char Mode, int Version, uint Ref2, int Ceiling, int SizeBytes = 32);

/// <summary>
/// Draws an application key inside the SAM, or a newer version of one, counted anew (docs/spec/keydownload.md
/// §8.3). Refusals: Malformed, OlderKey (REF1 has this version or a newer one).
/// </summary>
public static class CreateApplicationKey
{
    public static Outcome<ApplicationKeyRecord> Run(Sam sam, WantedKey wanted)
    {
        if (Fault(wanted) is { } fault)
        {
            return new Refusal(Reason.Malformed, fault);
        }

        if (sam.State.Record.ApplicationKeys.TryGetValue(wanted.Ref1, out var held)
            && held.Version >= wanted.Version)
        {
            return new Refusal(
                Reason.OlderKey, $"application key {wanted.Ref1} has version {held.Version} already");
        }

        var kept = sam.Keys.Draw(wanted.Ref1, wanted.Version, wanted.SizeBytes);
        var record = new ApplicationKeyRecord(
            wanted.Ref1, wanted.Usage, wanted.Mode, wanted.Version, wanted.Ref2, wanted.Ceiling, Exported: 0);
        sam.Commit(new KeyCreated(record, kept));
        return record;
    }

    private static string? Fault(WantedKey wanted)
    {
        if (wanted.Usage.Length != 2 || !KeyBlock.IsWord(wanted.Usage) || !KeyBlock.IsWord($"{wanted.Mode}"))
        {
            return $"usage {wanted.Usage} and mode {wanted.Mode} are not two capitals or digits, and one";
        }

        if (wanted.Version is < 1 or > 99 || wanted.Ceiling < 0)
        {
            return $"version {wanted.Version} is not 1 to 99, or the ceiling {wanted.Ceiling} is below 0";
        }

        return wanted.SizeBytes is 16 or 24 or 32
            ? null
            : $"an AES key has 16, 24 or 32 bytes, not {wanted.SizeBytes}";
    }
}
