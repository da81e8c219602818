using Keywright.Protocol;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.KeyDownload;

namespace Keywright.Owner.KeyDownload;

/// <summary>
/// One thing that happened in a SAM, as its journal keeps it (docs/spec/keydownload.md §8.1): [kind, fields
/// …].
/// </summary>
public abstract record SamEvent
{
    /// <summary>The longest event in bytes.</summary>
    public const int MaxSize = 1 << 17;

    internal const int MaxText = 64;
    internal const int MaxKept = 256;

    private const int MaxFields = 8;

    /// <summary>The bytes that the journal seals.</summary>
    public byte[] Encode()
    {
        using var writer = new CborWriter(256);
        Write(writer);
        return writer.ToArray();
    }

    /// <summary>Reads one. Refusals: Malformed, TooLarge.</summary>
    public static Outcome<SamEvent> Parse(ReadOnlySpan<byte> bytes)
    {
        var reader = new CborReader(bytes);
        var count = reader.Array(1, MaxFields);
        var kind = reader.UInt32();
        SamEvent? read = (kind, count) switch
        {
            (1, 3) => SamSetup.Read(ref reader),
            (2, 2) => UnitsAdded.Read(ref reader),
            (3, 8) => KeyCreated.Read(ref reader),
            (4, 4) => DownloadsAuthorised.Read(ref reader),
            (5, 3) => new CeilingRaised(reader.UInt32(), (int)reader.UInt32(int.MaxValue)),
            (6, 3) => KeyExported.Read(ref reader),
            (7, 2) => new DownloadAcknowledged(reader.Digest()),
            _ => null,
        };
        if (read is null)
        {
            reader.Refuse(Reason.Malformed, $"no event {kind} of {count} items");
            return reader.Finish()!;
        }

        reader.EndArray();
        return reader.Finish() is { } refusal ? refusal : read;
    }

    private protected abstract void Write(CborWriter writer);
}

/// <summary>1: what a SAM is made with. T is kept as <see cref="ISamKeys"/> gave it.</summary>
public sealed record SamSetup(ReadOnlyMemory<byte> ApplicationId, ReadOnlyMemory<byte> KeptTransport)
    : SamEvent
{
    internal static SamSetup Read(ref CborReader reader) => new(
        reader.Bytes(1, Diversification.MaxApplicationIdSize).ToArray(), reader.Bytes(1, MaxKept).ToArray());

    private protected override void Write(CborWriter writer) =>
        writer.Array(3).UInt(1).Bytes(ApplicationId.Span).Bytes(KeptTransport.Span);
}

/// <summary>2: units on the list from now on, at most 4096 at once.</summary>
public sealed record UnitsAdded(IReadOnlyList<SerialNumber> Units) : SamEvent
{
    /// <summary>The most units in one event.</summary>
    public const int MaxUnits = 4096;

    internal static UnitsAdded Read(ref CborReader reader)
    {
        var units = new List<SerialNumber>();
        for (var count = reader.Array(1, MaxUnits); units.Count < count && !reader.Failed;)
        {
            var serial = reader.Bytes(1, SerialNumber.MaxSize);
            units.Add(new SerialNumber(reader.Failed ? [0] : serial));
        }

        reader.EndArray();
        return new UnitsAdded(units);
    }

    private protected override void Write(CborWriter writer)
    {
        writer.Array(2).UInt(2).Array(Units.Count);
        foreach (var unit in Units)
        {
            writer.Bytes(unit.ToArray());
        }
    }
}

/// <summary>3: an application key was drawn, or a newer version of one.</summary>
public sealed record KeyCreated(ApplicationKeyRecord Key, ReadOnlyMemory<byte> Kept) : SamEvent
{
    internal static KeyCreated Read(ref CborReader reader)
    {
        var ref1 = reader.UInt32();
        var usage = reader.Text(2, 2);
        var mode = reader.Text(1, 1);
        var version = (int)reader.UInt32(99);
        var ref2 = reader.UInt32();
        var ceiling = (int)reader.UInt32(int.MaxValue);
        var kept = reader.Bytes(1, MaxKept).ToArray();
        var record = new ApplicationKeyRecord(
            ref1, usage, mode is [var one] ? one : ' ', version, ref2, ceiling, Exported: 0);
        return new KeyCreated(record, kept);
    }

    private protected override void Write(CborWriter writer) => writer.Array(8).UInt(3)
        .UInt(Key.Ref1).Text(Key.Usage).Text(Key.Mode.ToString()).UInt((uint)Key.Version)
        .UInt(Key.Ref2).UInt((uint)Key.Ceiling).Bytes(Kept.Span);
}

/// <summary>4: an operator authorised downloads, or took that back.</summary>
public sealed record DownloadsAuthorised(string Operator, DateTimeOffset At, bool Granted) : SamEvent
{
    private const long MaxSeconds = 253_402_300_799;

    internal static DownloadsAuthorised Read(ref CborReader reader) => new(
        reader.Text(1, MaxText),
        DateTimeOffset.FromUnixTimeSeconds((long)reader.UInt(MaxSeconds)),
        reader.Bool());

    private protected override void Write(CborWriter writer) =>
        writer.Array(4).UInt(4).Text(Operator).UInt((ulong)At.ToUnixTimeSeconds()).Bool(Granted);
}

/// <summary>5: so many downloads of this key are allowed in all.</summary>
public sealed record CeilingRaised(uint Ref1, int Ceiling) : SamEvent
{
    private protected override void Write(CborWriter writer) =>
        writer.Array(3).UInt(5).UInt(Ref1).UInt((uint)Ceiling);
}

/// <summary>
/// 6: a download was counted, with the EXPORT KEY that asked and the IMPORT KEY that answers it for ever.
/// </summary>
public sealed record KeyExported(ReadOnlyMemory<byte> Request, ReadOnlyMemory<byte> Answer) : SamEvent
{
    internal static KeyExported Read(ref CborReader reader) => new(
        reader.Bytes(1, ExportKey.MaxSize).ToArray(), reader.Bytes(1, ImportKey.MaxSize).ToArray());

    private protected override void Write(CborWriter writer) =>
        writer.Array(3).UInt(6).Bytes(Request.Span).Bytes(Answer.Span);
}

/// <summary>7: the unit proved that it stored the key that answered the EXPORT KEY of this digest.</summary>
public sealed record DownloadAcknowledged(Digest Request) : SamEvent
{
    private protected override void Write(CborWriter writer) => writer.Array(2).UInt(7).Digest(Request);
}
