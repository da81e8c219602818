using Keywright.Protocol;
using Keywright.Protocol.Provisioning;

namespace Keywright.Station.Provisioning;

/// <summary>
/// What opens a lot's package: one unlock for every chip of the family, or for each named chip its own.
/// </summary>
public sealed class LotUnlocks
{
    private readonly Func<ChipId, byte[]?> find;

    private LotUnlocks(PackageMode mode, Func<ChipId, byte[]?> find)
    {
        Mode = mode;
        this.find = find;
    }

    /// <summary>For packages of which mode.</summary>
    public PackageMode Mode { get; }

    public static LotUnlocks OfFamily(byte[] unlock) => new(PackageMode.Family, _ => unlock);

    /// <summary>
    /// <paramref name="find"/> gives a chip's unlock, null when none names it; it may throw <see
    /// cref="IOException"/>.
    /// </summary>
    public static LotUnlocks OfChips(Func<ChipId, byte[]?> find) => new(PackageMode.Chip, find);

    /// <summary>The unlock for this chip; null when none names it.</summary>
    public byte[]? For(ChipId chip) => find(chip);
}
