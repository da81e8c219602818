using Keywright.Protocol;

namespace Keywright.Station.Firmware;

/// <summary>
/// The way to the site, authenticated on both ends: a refusal that comes out of it is the site's own. A line
/// that fails throws <see cref="IOException"/>; what then happened at the site is not known, and the same
/// message is sent again.
/// </summary>
public interface ISiteLink
{
    /// <summary>Brings a Take to the site, and its answer back.</summary>
    Outcome<byte[]> Take(ReadOnlyMemory<byte> message);
}
