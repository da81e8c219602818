using System.CommandLine;
using System.Globalization;
using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Owner.Provisioning;
using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Provisioning;

namespace Keywright.Cli.Provisioning;

/// <summary>
/// <c>keywright chipmaker fabricate</c>: soft chips of one lot, and the signed list of them. A lot has one
/// list and is made once; a run that was cut short goes on with the chips that it made.
/// </summary>
internal static class ChipMakerFabricate
{
    private const int DefaultCount = 100;
    private const int MaxCount = 1_000_000;

    // Each chip waits for the disk several times: many wait together.
    private static readonly ParallelOptions AtOnce = new() { MaxDegreeOfParallelism = 4 * Environment.ProcessorCount };

    private static readonly Option<uint> Lot = new("--lot")
    {
        Description = "the lot's number",
        Required = true,
    };

    private static readonly Option<int> Count = new Option<int>("--count")
    {
        Description = "how many chips",
        DefaultValueFactory = _ => DefaultCount,
    }.Must(count => count is > 0 and <= MaxCount, $"1 to {MaxCount}");

    private static readonly Option<DirectoryInfo> Chips = new("--chips")
    {
        Description = "folder for the chips: 001, 002, …",
        Required = true,
    };

    private static readonly Option<FileInfo> LockedTo = new Option<FileInfo>("--locked-to")
    {
        Description = "an OEM's public order key: the chips will serve no other OEM",
    }.AcceptExistingOnly();

    public static Command Create()
    {
        var command = new Command(
            "fabricate",
            "makes chips of one lot and signs the list of them; a run that was cut short goes on"
            + "\n\nExample:\n  keywright chipmaker fabricate --dir chipmaker "
            + "--lot 1 --count 100 --chips chips")
        {
            ChipMakerInit.Dir, Lot, Count, Chips, LockedTo,
        };
        command.SetAction(parsed => Run(parsed, new Session(parsed)));
        return command;
    }

    private static int Run(ParseResult parsed, Session session)
    {
        var folder = new PartyFolder(parsed.GetRequiredValue(ChipMakerInit.Dir));
        var lot = parsed.GetRequiredValue(Lot);
        var list = folder.PathTo(FileNames.Lots, $"{lot}{FileNames.ListSuffix}");
        var leaves = folder.PathTo(FileNames.Lots, $"{lot}{FileNames.LeavesSuffix}");
        PublicFile.MustNotExist(list);
        if (ReadLock(parsed.GetValue(LockedTo)).Refused(out var locks, out var why)
            || ChipMakerKeys.Open(folder, session).Refused(out var keys, out why))
        {
            return session.Refuse(why);
        }

        using (keys)
        {
            var count = parsed.GetRequiredValue(Count);
            var chips = parsed.GetRequiredValue(Chips);
            var facts = WorkBar.Run(
                session, $"lot {lot}", count, done => Make(session, keys, chips, lot, count, locks, done));
            if (FabricateChips.List(keys.Family.Name, lot, facts, keys.Key).Refused(out var signed, out why))
            {
                return session.Refuse(why);
            }

            PublicFile.Write(leaves, signed.Leaves);
            PublicFile.WriteNew(list, signed.List.Bytes.Span);
            return session.Report(new JsonObject
            {
                ["family"] = keys.Family.Name,
                ["lot"] = lot,
                ["chips"] = facts.Count,
                ["folder"] = chips.ToString(),
                ["locked to"] = locks.Oem?.ToString(),
                ["list"] = list,
                ["leaves"] = leaves,
            });
        }
    }

    private static List<ChipFacts> Make(
        Session session,
        ChipMakerKeys keys,
        DirectoryInfo chips,
        uint lot,
        int count,
        Lock locks,
        Action done)
    {
        chips.Create();
        var there = ChipFolder.Below(chips);
        var facts = AllOf(there, folder => Look(session, folder))
            .Where(chip => chip.Facts.Family == keys.Family.Name && chip.Facts.Lot == lot)
            .Select(chip => chip.LockedTo == locks.Oem
                ? chip.Facts
                : throw new IOException($"{chips} holds chips of lot {lot} that are locked otherwise."))
            .ToList();
        if (facts.Count > count)
        {
            throw new IOException($"{chips} holds {facts.Count} chips of lot {lot} already.");
        }

        var taken = there.Select(Path.GetFileName).ToHashSet();
        var names = Enumerable.Range(1, count + there.Count)
            .Select(number => number.ToString("D3", CultureInfo.InvariantCulture))
            .Where(name => !taken.Contains(name))
            .Take(count - facts.Count)
            .ToList();
        facts.AddRange(AllOf(names, name =>
        {
            var folder = Path.Combine(chips.FullName, name);
            MakeOne(session, keys.Family, lot, locks, folder);
            var made = Look(session, folder).Facts;
            done();
            return made;
        }));
        return facts;
    }

    // The first fault of any ends them all, as itself.
    private static TResult[] AllOf<T, TResult>(IReadOnlyList<T> each, Func<T, TResult> work)
    {
        var results = new TResult[each.Count];
        try
        {
            Parallel.For(0, each.Count, AtOnce, index => results[index] = work(each[index]));
        }
        catch (AggregateException faults)
        {
            ExceptionDispatchInfo.Throw(faults.InnerExceptions[0]);
        }

        return results;
    }

    private static void MakeOne(Session session, ChipFamily family, uint lot, Lock locks, string folder)
    {
        var made = FabricateChips.One(family, lot, session.Entropy, locks.Oem);
        using var immutable = ImmutableMemory.Read(made.ImmutableMemory).OrThrow();
        SoftChip.FabricateIn(folder, immutable, session.Entropy, made.TesterBytes);
        CryptographicOperations.ZeroMemory(made.ImmutableMemory);
        CryptographicOperations.ZeroMemory(made.TesterBytes);
    }

    // What the tester reads from a chip that it has before it.
    private static (ChipFacts Facts, Digest? LockedTo) Look(Session session, string folder)
    {
        using var chip = ChipFolder.Open(folder, session.Entropy);
        return (chip.Identify().OrThrow(), chip.LockedTo);
    }

    private static Outcome<Lock> ReadLock(FileInfo? file) =>
        file is null ? new Lock(null) :
        PublicFile.ReadKey(file.FullName).Refused(out var key, out var why) ? why : new Lock(key.Id);

    /// <summary>The only OEM that the chips will serve; none: any.</summary>
    private sealed record Lock(Digest? Oem);
}
