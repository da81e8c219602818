using Keywright.Protocol;
using Keywright.Protocol.Firmware;

namespace Keywright.Site.Firmware;

/// <summary>
/// What the site knows of one chip's chain of claims (docs/spec/delivery.md §6), read at one moment: the
/// place of the next claim, and the entries that the claim at hand may touch.
/// </summary>
public sealed record DeliveryRecord
{
    public required ChipId Chip { get; init; }

    /// <summary>
    /// Counts every change; a change is written only on the revision that it was judged on.
    /// </summary>
    public required long Revision { get; init; }

    /// <summary>True after a fork, until an operator releases the device: nothing is delivered.</summary>
    public bool Held { get; init; }

    /// <summary>The number that the next claim has.</summary>
    public ulong Next { get; init; } = 1;

    /// <summary>
    /// What the next claim hangs on; while a Grant is open it does not exist yet and is zero.
    /// </summary>
    public Digest Prev { get; init; }

    /// <summary>The recovery counter of the last Resume.</summary>
    public ulong Recoveries { get; init; }

    /// <summary>H of the last Resume; zero before the first.</summary>
    public Digest LastResume { get; init; }

    /// <summary>The site's epoch in which the record was last resumed.</summary>
    public SiteEpoch Epoch { get; init; }

    /// <summary>The site's epoch now.</summary>
    public SiteEpoch Current { get; init; }

    /// <summary>True when the site has declared a recovery and this device has not resumed since.</summary>
    public bool ResumeDue => Epoch != Current;

    /// <summary>The entries at the claim's number and at the one before, where there are any.</summary>
    public IReadOnlyList<DeliveryEntry> Entries { get; init; } = [];

    /// <summary>The entry at a number; null when it was never claimed.</summary>
    public DeliveryEntry? At(ulong number) => Entries.FirstOrDefault(entry => entry.Number == number);
}

/// <summary>One number of the chain: the claim that took it and what became of it.</summary>
public sealed record DeliveryEntry
{
    public required ulong Number { get; init; }

    /// <summary>The device's key that the claim named.</summary>
    public required uint Kid { get; init; }

    /// <summary>H(Claim).</summary>
    public required Digest Claim { get; init; }

    public required DeliveryState State { get; init; }

    /// <summary>The Grant or Refusal, byte for byte as it was first given.</summary>
    public required ReadOnlyMemory<byte> Answer { get; init; }

    /// <summary>H of the answer.</summary>
    public required Digest AnswerDigest { get; init; }

    /// <summary>H of the manifest that was granted; null when refused.</summary>
    public Digest? Manifest { get; init; }

    /// <summary>H of the Done that closed it; null while there is none.</summary>
    public Digest? Done { get; init; }

    /// <summary>When it was answered.</summary>
    public required DateTimeOffset Answered { get; init; }
}

/// <summary>What became of a claim.</summary>
public enum DeliveryState
{
    /// <summary>Granted; no Done yet.</summary>
    Open = 1,

    /// <summary>Closed by the site's Refusal.</summary>
    Refused = 2,

    /// <summary>Closed by a Done: installed. This is what a delivery costs.</summary>
    Installed = 3,

    /// <summary>Closed by a Done: the device could not take it.</summary>
    Declined = 4,

    /// <summary>Made void by a Resume.</summary>
    Void = 5,
}
