using System.Collections.Immutable;

namespace Keywright.Protocol.KeyDownload;

/// <summary>One application key as the SAM knows it: everything but the key itself.</summary>
/// <param name="Ref1">Names the key in the SAM.</param>
/// <param name="Usage">Usage in the key block, two characters.</param>
/// <param name="Mode">Mode of use in the key block.</param>
/// <param name="Version">Key version, 1 to 99.</param>
/// <param name="Ref2">The slot of the units that it is for.</param>
/// <param name="Ceiling">How many downloads are allowed in all.</param>
/// <param name="Exported">How many have been answered.</param>
public sealed record ApplicationKeyRecord(
    uint Ref1, string Usage, char Mode, int Version, uint Ref2, int Ceiling, int Exported)
{
    /// <summary>The header of its key blocks: AES, not exportable, with the references.</summary>
    public KeyBlockHeader HeaderFor(Download download)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Version, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Version, 99);
        return new KeyBlockHeader(Usage, 'A', Mode, $"{Version:D2}", 'N', [download.References()]);
    }
}

/// <summary>
/// What a SAM judges by: its units, its application keys, and whether an operator has authorised it.
/// </summary>
public sealed record SamRecord(
    ImmutableHashSet<SerialNumber> Units,
    ImmutableDictionary<uint, ApplicationKeyRecord> ApplicationKeys,
    bool Authorised)
{
    /// <summary>
    /// Judges EXPORT KEY: the key to be sealed, or a refusal, in this order:
    /// <see cref="Reason.UnknownUnit"/>, <see cref="Reason.UnknownApplicationKey"/>,
    /// <see cref="Reason.NotAuthorised"/>, <see cref="Reason.CeilingReached"/>. Whoever seals commits
    /// <see cref="Counted"/> first.
    /// </summary>
    public Outcome<ApplicationKeyRecord> Judge(ExportKey request)
    {
        if (!Units.Contains(request.Serial))
        {
            return new Refusal(Reason.UnknownUnit, $"unit {request.Serial} is not on the list");
        }

        if (!ApplicationKeys.TryGetValue(request.Ref1, out var key))
        {
            return new Refusal(Reason.UnknownApplicationKey, $"no application key {request.Ref1}");
        }

        if (!Authorised)
        {
            return new Refusal(Reason.NotAuthorised, "no operator has authorised downloads");
        }

        return key.Exported < key.Ceiling
            ? key
            : new Refusal(Reason.CeilingReached, $"all {key.Ceiling} downloads of key {key.Ref1} are made");
    }

    /// <summary>The record after one more download of <paramref name="key"/>.</summary>
    public SamRecord Counted(ApplicationKeyRecord key) => this with
    {
        ApplicationKeys = ApplicationKeys.SetItem(key.Ref1, key with { Exported = key.Exported + 1 }),
    };
}
