using Keywright.Protocol;
using Keywright.Protocol.Cbor;

namespace Keywright.Site.Firmware;

/// <summary>The stations that the site enrolled, also those that were revoked.</summary>
public interface IStationRegister
{
    /// <summary>Adds a station; false when the name was ever given to one.</summary>
    bool Add(StationRecord station);

    /// <summary>By its name.</summary>
    StationRecord? Find(string name);

    /// <summary>Closes it for ever; false when it is unknown or closed already.</summary>
    bool Revoke(string name, DateTimeOffset at);

    /// <summary>All, in the order of enrolment.</summary>
    IReadOnlyList<StationRecord> All();

    /// <summary>All, in that order, with how many devices each made.</summary>
    IReadOnlyList<StationCount> Counts();
}

/// <summary>A station in numbers (requirement T07).</summary>
public sealed record StationCount(StationRecord Station, int Devices);

/// <summary>One station, with its keys as <see cref="IRecordSealer"/> sealed them.</summary>
public sealed record StationRecord
{
    public required RecordId Id { get; init; }

    public required string Name { get; init; }

    public required string Factory { get; init; }

    /// <summary>H of the key that its enrolment was sealed to.</summary>
    public required Digest Key { get; init; }

    /// <summary>The Enrolment, to be given again.</summary>
    public required ReadOnlyMemory<byte> Enrolment { get; init; }

    /// <summary>The key of its Takes, sealed in <see cref="TakeKeyContext"/>.</summary>
    public required ReadOnlyMemory<byte> TakeKey { get; init; }

    /// <summary>The next turn j that was not used.</summary>
    public required uint NextTurn { get; init; }

    /// <summary>R_j of that turn, sealed in <see cref="GeneratorContext"/>.</summary>
    public required ReadOnlyMemory<byte> Generator { get; init; }

    public required DateTimeOffset EnrolledAt { get; init; }

    /// <summary>When it was revoked; null while it is in use.</summary>
    public DateTimeOffset? RevokedAt { get; init; }

    public static byte[] TakeKeyContext(string station) => CborItem.Array("take key", station);

    public static byte[] GeneratorContext(string station, uint turn) =>
        CborItem.Array("generator", station, turn);
}
