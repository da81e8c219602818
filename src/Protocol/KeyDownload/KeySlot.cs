namespace Keywright.Protocol.KeyDownload;

/// <summary>
/// A slot of a unit: what a key must be to be stored there.
/// </summary>
/// <param name="Ref2">Names the slot.</param>
/// <param name="Usage">The one usage it takes.</param>
/// <param name="Mode">The one mode of use it takes.</param>
/// <param name="MinimumVersion">The lowest key version it takes; raised with each key stored.</param>
public sealed record KeySlot(uint Ref2, string Usage, char Mode, int MinimumVersion);

/// <summary>
/// The challenge that a unit has out: the random it drew and the key it asked for. One at a time.
/// </summary>
public sealed record OutstandingChallenge(Challenge Random, uint Ref1);
