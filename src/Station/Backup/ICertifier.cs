using Keywright.Protocol;

namespace Keywright.Station.Backup;

/// <summary>
/// The site, as far as a station needs it to certify a device: called directly, or over a line.
/// </summary>
public interface ICertifier
{
    /// <summary>A nonce for a chip's proof of possession, 16 bytes.</summary>
    Outcome<byte[]> OpenNonce(ChipId chip);

    /// <summary>The Certificate for a Possession; the same bytes whenever it is asked for again.</summary>
    Outcome<ReadOnlyMemory<byte>> Certify(ReadOnlyMemory<byte> possession);
}

/// <summary>The public directory, as far as one needs it who brings an Entry.</summary>
public interface IPublisher
{
    /// <summary>
    /// Logs an Entry, durably, and gives the proof of it; the same Entry again is no fault.
    /// </summary>
    Outcome<byte[]> Publish(ReadOnlyMemory<byte> entry);
}
