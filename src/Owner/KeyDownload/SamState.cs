using System.Collections.Immutable;
using Keywright.Protocol;
using Keywright.Protocol.KeyDownload;

namespace Keywright.Owner.KeyDownload;

/// <summary>One download as the SAM knows it.</summary>
/// <param name="Request">EXPORT KEY.</param>
/// <param name="Answer">The IMPORT KEY that carries DATA.</param>
/// <param name="Version">Version of the key in it.</param>
/// <param name="Acknowledged">Whether the unit has proved that it stored the key.</param>
public sealed record SamDownload(ExportKey Request, ImportKey Answer, int Version, bool Acknowledged);

/// <summary>What a SAM knows: all its events, in order, folded into one. Immutable.</summary>
public sealed record SamState
{
    private ImmutableDictionary<Digest, Digest> requestOfData = ImmutableDictionary<Digest, Digest>.Empty;
    private ImmutableDictionary<(SerialNumber, uint), Digest> last =
        ImmutableDictionary<(SerialNumber, uint), Digest>.Empty;

    private SamState(SamSetup setup) => Setup = setup;

    public SamSetup Setup { get; }

    /// <summary>What EXPORT KEY is judged by.</summary>
    public SamRecord Record { get; private init; } =
        new([], ImmutableDictionary<uint, ApplicationKeyRecord>.Empty, Authorised: false);

    /// <summary>What <see cref="ISamKeys"/> gave for each key, by REF1.</summary>
    public ImmutableDictionary<uint, ReadOnlyMemory<byte>> Kept { get; private init; } =
        ImmutableDictionary<uint, ReadOnlyMemory<byte>>.Empty;

    /// <summary>Every download there has been, by H(EXPORT KEY).</summary>
    public ImmutableDictionary<Digest, SamDownload> Downloads { get; private init; } =
        ImmutableDictionary<Digest, SamDownload>.Empty;

    /// <summary>Who authorised downloads or took that back, the last time.</summary>
    public DownloadsAuthorised? Authorisation { get; private init; }

    /// <summary>A SAM that has just been made.</summary>
    public static SamState Of(SamSetup setup) => new(setup);

    /// <summary>What a journal tells, from its first event on. Refusals: Malformed.</summary>
    public static Outcome<SamState> Of(IReadOnlyList<SamEvent> events)
    {
        if (events[0] is not SamSetup setup)
        {
            return new Refusal(Reason.Malformed, "record 0: a SAM begins with its making");
        }

        var state = Of(setup);
        for (var i = 1; i < events.Count; i++)
        {
            if (!state.CanBeFollowedBy(events[i]))
            {
                return new Refusal(Reason.Malformed, $"record {i}: it cannot follow those before it");
            }

            state = state.After(events[i]);
        }

        return state;
    }

    /// <summary>The last download of this key's present version to this unit.</summary>
    public SamDownload? LastOf(SerialNumber serial, uint ref1) =>
        last.TryGetValue((serial, ref1), out var request)
            && Downloads[request] is var download
            && Record.ApplicationKeys[ref1].Version == download.Version
            ? download
            : null;

    /// <summary>H(EXPORT KEY) of the download with this DATA.</summary>
    public Digest? RequestOf(Digest data) =>
        requestOfData.TryGetValue(data, out var request) ? request : null;

    /// <summary>The state after one more event, which can follow: a SAM judges before it acts.</summary>
    public SamState After(SamEvent happened) => happened switch
    {
        UnitsAdded added => this with { Record = Record with { Units = Record.Units.Union(added.Units) } },
        KeyCreated created => With(created.Key) with { Kept = Kept.SetItem(created.Key.Ref1, created.Kept) },
        DownloadsAuthorised authorised => this with
        {
            Record = Record with { Authorised = authorised.Granted },
            Authorisation = authorised,
        },
        CeilingRaised raised => With(Record.ApplicationKeys[raised.Ref1] with { Ceiling = raised.Ceiling }),
        KeyExported exported => After(exported),
        DownloadAcknowledged acknowledged => this with
        {
            Downloads = Downloads.SetItem(
                acknowledged.Request, Downloads[acknowledged.Request] with { Acknowledged = true }),
        },
        _ => throw new ArgumentOutOfRangeException(nameof(happened)),
    };

    private bool CanBeFollowedBy(SamEvent happened) => happened switch
    {
        SamSetup => false,
        CeilingRaised raised => Record.ApplicationKeys.ContainsKey(raised.Ref1),
        KeyExported exported => CanBeFollowedBy(exported),
        DownloadAcknowledged acknowledged => Downloads.ContainsKey(acknowledged.Request),
        _ => true,
    };

    private bool CanBeFollowedBy(KeyExported exported) =>
        !ExportKey.Parse(exported.Request.Span).Refused(out var request, out _)
        && !ImportKey.Parse(exported.Answer.Span).Refused(out var answer, out _)
        && Record.ApplicationKeys.ContainsKey(request.Ref1)
        && !Downloads.ContainsKey(Digest.Of(exported.Request.Span))
        && !requestOfData.ContainsKey(Digest.Of(answer.Data.Span));

    private SamState With(ApplicationKeyRecord key) => this with
    {
        Record = Record with { ApplicationKeys = Record.ApplicationKeys.SetItem(key.Ref1, key) },
    };

    private SamState After(KeyExported exported)
    {
        var digest = Digest.Of(exported.Request.Span);
        var request = ExportKey.Parse(exported.Request.Span).OrThrow();
        var answer = ImportKey.Parse(exported.Answer.Span).OrThrow();
        var key = Record.ApplicationKeys[request.Ref1];
        return this with
        {
            Record = Record.Counted(key),
            Downloads = Downloads.Add(digest, new SamDownload(request, answer, key.Version, false)),
            requestOfData = requestOfData.Add(Digest.Of(answer.Data.Span), digest),
            last = last.SetItem((request.Serial, request.Ref1), digest),
        };
    }
}
