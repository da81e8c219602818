using Keywright.Protocol;
using Keywright.Protocol.Cbor;

namespace Keywright.Device.Chip;

/// <summary>The registers of the monotonic memory, by the number they have in a commit record.</summary>
public enum MonotonicRegister
{
    Lifecycle = 0,
    StoreIssued = 1,
    StoreShown = 2,
    Recovery = 3,
    Delivery = 4,
    Boots = 5,
    Challenges = 6,
    MinimumSequence = 7,
    Owner = 8,
    Identity = 9,
    Claimed = 10,
}

/// <summary>
/// One update of one register: "at least this" for counters, "this, once" for digests; so applying it again
/// changes nothing. CBOR: [register, value, digest, program] (docs/spec/chip.md §3).
/// </summary>
public sealed record MonotonicUpdate
{
    /// <summary>The longest program name, in UTF-8 bytes.</summary>
    public const int MaxProgramName = 48;

    /// <summary>No update is longer in bytes.</summary>
    public const int MaxSize = 112;

    private MonotonicUpdate(MonotonicRegister register, ulong value, Digest digest, string program)
    {
        Register = register;
        Value = value;
        Digest = digest;
        Program = program;
    }

    public MonotonicRegister Register { get; }

    internal ulong Value { get; }

    internal Digest Digest { get; }

    internal string Program { get; }

    /// <summary>The lifecycle has reached <paramref name="stage"/>.</summary>
    public static MonotonicUpdate Reached(Lifecycle stage) =>
        Counter(MonotonicRegister.Lifecycle, (ulong)stage);

    /// <summary>Store number i is at least <paramref name="number"/>.</summary>
    public static MonotonicUpdate Issued(ulong number) => Counter(MonotonicRegister.StoreIssued, number);

    /// <summary>Store number a is at least <paramref name="number"/>, which must have been issued.</summary>
    public static MonotonicUpdate Shown(ulong number) => Counter(MonotonicRegister.StoreShown, number);

    /// <summary>The recovery counter r is at least <paramref name="r"/>.</summary>
    public static MonotonicUpdate Recovered(ulong r) => Counter(MonotonicRegister.Recovery, r);

    /// <summary>The delivery register holds (n, prev), if n is above the one it holds.</summary>
    public static MonotonicUpdate Delivered(ulong n, Digest prev) =>
        new(MonotonicRegister.Delivery, n, prev, string.Empty);

    /// <summary>The highest delivery number that was ever claimed is at least <paramref name="n"/>.</summary>
    public static MonotonicUpdate Claimed(ulong n) => Counter(MonotonicRegister.Claimed, n);

    public static MonotonicUpdate Booted(ulong boots) => Counter(MonotonicRegister.Boots, boots);

    public static MonotonicUpdate Challenged(ulong challenges) =>
        Counter(MonotonicRegister.Challenges, challenges);

    /// <summary>
    /// Modules of this program by this owner below <paramref name="sequence"/> are refused from now on.
    /// </summary>
    public static MonotonicUpdate Sequenced(Digest owner, string program, ulong sequence)
    {
        var size = System.Text.Encoding.UTF8.GetByteCount(program);
        ArgumentOutOfRangeException.ThrowIfZero(size, nameof(program));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, MaxProgramName, nameof(program));
        return new MonotonicUpdate(MonotonicRegister.MinimumSequence, sequence, owner, program);
    }

    /// <summary>The chip belongs to the OEM with this key digest, once and for all.</summary>
    public static MonotonicUpdate OwnedBy(Digest oem) => new(MonotonicRegister.Owner, 0, oem, string.Empty);

    /// <summary>H(device identity), once and for all.</summary>
    public static MonotonicUpdate IdentifiedAs(Digest identity) =>
        new(MonotonicRegister.Identity, 0, identity, string.Empty);

    /// <summary>Writes the four-item array.</summary>
    public void Write(CborWriter writer) =>
        writer.Array(4).UInt((ulong)Register).UInt(Value).Digest(Digest).Text(Program);

    /// <summary>Reads the four-item array.</summary>
    public static MonotonicUpdate Read(ref CborReader reader)
    {
        reader.Array(4, 4);
        var register = (MonotonicRegister)reader.UInt32((uint)MonotonicRegister.Claimed);
        var update = new MonotonicUpdate(
            register, reader.UInt(ulong.MaxValue), reader.Digest(), reader.Text(0, MaxProgramName));
        reader.EndArray();
        return update;
    }

    private static MonotonicUpdate Counter(MonotonicRegister register, ulong value) =>
        new(register, value, default, string.Empty);
}
