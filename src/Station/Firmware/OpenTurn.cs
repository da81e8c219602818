using Keywright.Protocol;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Keys;

namespace Keywright.Station.Firmware;

/// <summary>
/// A turn that was begun for one chip and is not closed: what the station needs to go on with it.
/// </summary>
public sealed class OpenTurn : IDisposable
{
    internal OpenTurn(Verified<Take> take, TurnKey turnKey, HpkePrivateKey fresh)
    {
        Take = take;
        TurnKey = turnKey;
        Fresh = fresh;
    }

    /// <summary>The Take, to be sent until it is answered.</summary>
    public Verified<Take> Take { get; }

    /// <summary>The chip that it is for, and no other.</summary>
    public ChipId Chip => Take.Content.Chip;

    /// <summary>The File, once it has come.</summary>
    public Verified<SealedFile>? File { get; internal set; }

    internal TurnKey TurnKey { get; }

    internal HpkePrivateKey Fresh { get; }

    public void Dispose()
    {
        TurnKey.Dispose();
        Fresh.Dispose();
    }
}

/// <summary>A turn that is over.</summary>
/// <param name="Turn">j.</param>
/// <param name="Chip">The chip that it was for.</param>
/// <param name="Devices">The IDs that the chip was given; none when it was not programmed.</param>
/// <param name="Result">"programmed", "abandoned", or the name of the site's refusal.</param>
public sealed record ClosedTurn(uint Turn, ChipId Chip, IReadOnlyList<DeviceId> Devices, string Result)
{
    public const string Programmed = "programmed";
    public const string Abandoned = "abandoned";
}
