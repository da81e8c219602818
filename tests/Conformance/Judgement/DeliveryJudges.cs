using System.Text.Json;
using Keywright.Protocol;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Keys;
using Keywright.Site.Firmware;

namespace Keywright.ConformanceTests.Judgement;

/// <summary>Where a claim or a Done stands, and what a device gets (delivery.md §6.2, §6.3).</summary>
internal static class DeliveryJudges
{
    private static readonly MacKey Key = MacKey.FromBytes(new byte[MacKey.Size]);
    private static readonly SiteEpoch Recovered = new(Digest.Of("recovered"u8).ToArray().AsSpan(0, SiteEpoch.Size));
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddDays(1);

    public static string Claim(JsonElement state, JsonElement input)
    {
        var known = new Dictionary<string, Digest>();
        var done = input.Object("done") is { } riding ? MakeDone(riding, known) : null;
        var claim = Message.Mac(
            MakeClaim(input.Text("claim")!, input.Number("number"), DigestOf(input.Text("prev"), known)), Key);
        known[input.Text("claim")!] = claim.Digest;
        return JudgeClaim.Judge(RecordOf(state, known), claim, done) switch
        {
            ClaimVerdict.Answer { ClosesPrevious: true } => "answer-and-close",
            ClaimVerdict.Answer => "answer",
            ClaimVerdict.Repeat => "repeat",
            ClaimVerdict.OutOfStep found => Refusal.NameOf(found.Found),
            _ => Refusal.NameOf(Reason.Fork),
        };
    }

    public static string Done(JsonElement state, JsonElement input)
    {
        var known = new Dictionary<string, Digest>();
        var done = MakeDone(input, known);
        return JudgeClaim.Judge(RecordOf(state, known), done) switch
        {
            DoneVerdict.Close => "close",
            DoneVerdict.Nothing => "nothing",
            DoneVerdict.OutOfStep found => Refusal.NameOf(found.Found),
            _ => Refusal.NameOf(Reason.Fork),
        };
    }

    public static string Condition(JsonElement state, JsonElement input)
    {
        var archive = state.GetProperty("archive").EnumerateArray()
            .ToDictionary(it => it.Text("manifest")!, SoftwareOf);
        var standing = new DeviceStanding(
            state.Flag("covered") ? Now : Now.AddDays(-1),
            state.Texts("delivered").Select(Named.Digest).ToHashSet(),
            state.Texts("enabled").Select(Named.Digest).ToHashSet(),
            state.GetProperty("declined").EnumerateObject()
                .ToDictionary(it => Named.Digest(it.Name), it => it.Value.GetInt32()));
        var claim = MakeClaim("claim", 1, Digest.Zero) with
        {
            Device = DeviceId.Parse(input.Text("device")!).OrThrow(),
            Product = input.Text("product")!,
            Manifest = input.Text("manifest") is { } wanted ? Named.Digest(wanted) : null,
            Installed = [.. input.GetProperty("installed").EnumerateArray().Select(InstalledOf)],
        };
        var conditions = state.Texts("conditions")
            .Aggregate(DeliveryConditions.None, (so, name) => so | ConditionOf(name));
        var (granted, failed) = JudgeConditions.Judge(
            claim, state.Text("device-type")!, [.. archive.Values], conditions, standing, Now);
        return granted is null
            ? Refusal.NameOf(failed!.Value.Reason())
            : archive.Single(it => it.Value == granted).Key;
    }

    public static Claim MakeClaim(string name, ulong number, Digest prev) => new()
    {
        Device = DeviceId.Parse("LAMP-0001").OrThrow(),
        Kid = 1,
        Number = number,
        Prev = prev,
        Product = "lamp",
        Installed = [],
        Nonce = Named.Digest(name).ToArray().AsMemory(0, Keywright.Protocol.Firmware.Claim.NonceSize),
    };

    private static Verified<Done> MakeDone(JsonElement done, Dictionary<string, Digest> known)
    {
        // The version tells two Dones of one Grant apart.
        var installed = new Installed(Digest.Zero, "app", 1, done.Text("done")!, Digest.Zero);
        var made = Message.Mac(
            new Done
            {
                Grant = Named.Digest(done.Text("grant")),
                Number = done.Number("number"),
                Result = DeliveryResult.Installed,
                Installed = [installed],
            },
            Key);
        known[done.Text("done")!] = made.Digest;
        return made;
    }

    private static DeliveryRecord RecordOf(JsonElement state, Dictionary<string, Digest> known) => new()
    {
        Chip = Named.Chip("chip"),
        Revision = 1,
        Held = state.Flag("held"),
        Next = state.Number("next"),
        Prev = DigestOf(state.Text("prev"), known),
        Current = state.Flag("resume-due") ? Recovered : SiteEpoch.First,
        Entries =
        [
            .. state.GetProperty("entries").EnumerateArray().Select(entry => new DeliveryEntry
            {
                Number = entry.Number("number"),
                Kid = 1,
                Claim = DigestOf(entry.Text("claim"), known),
                State = Enum.Parse<DeliveryState>(entry.Text("state")!, ignoreCase: true),
                Answer = default,
                AnswerDigest = Named.Digest(entry.Text("answer")),
                Done = entry.Text("done") is { } done ? DigestOf(done, known) : null,
                Answered = DateTimeOffset.UnixEpoch,
            }),
        ],
    };

    private static Digest DigestOf(string? name, Dictionary<string, Digest> known) =>
        name is not null && known.TryGetValue(name, out var digest) ? digest : Named.Digest(name);

    private static Software SoftwareOf(JsonElement software)
    {
        var manifest = software.Text("manifest")!;
        var module = new Module
        {
            Owner = Named.Digest("owner"),
            Sequence = software.Number("sequence"),
            Product = software.Text("product")!,
            DeviceTypes = [.. software.Texts("device-types")],
            Devices = [.. software.Texts("devices").Select(id => DeviceId.Parse(id).OrThrow())],
            Programs =
            [
                .. software.Texts("programs").Select(name => new ModuleProgram(
                    name, ProgramKind.Application, "1", default, Named.Digest($"{manifest}/{name}"), 1, null)),
            ],
            Requires =
            [
                .. software.GetProperty("requires").EnumerateArray()
                    .Select(need => new Requirement(need.Text("program")!, need.Number("sequence"))),
            ],
        };
        return new Software(Named.Digest(manifest), module, default);
    }

    private static Installed InstalledOf(JsonElement installed) => new(
        Named.Digest("owner"),
        installed.Text("program")!,
        installed.Number("sequence"),
        "1",
        Named.Digest($"{installed.Text("manifest")}/{installed.Text("program")}"));

    private static DeliveryConditions ConditionOf(string name) => name switch
    {
        "contract" => DeliveryConditions.Contract,
        "once" => DeliveryConditions.Once,
        "predecessors" => DeliveryConditions.Predecessors,
        "enabled" => DeliveryConditions.Enabled,
        "version-order" => DeliveryConditions.VersionOrder,
        _ => throw new ArgumentException($"no condition is called {name}", nameof(name)),
    };
}
