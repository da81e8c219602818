using System.Buffers.Binary;
using System.Security.Cryptography;
using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Images;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Sealing.Firmware;
using Keywright.Station.Firmware;
using Keywright.Station.Provisioning;

namespace Keywright.Fuzz.Targets;

/// <summary>
/// A station's journals with one record changed, under hashes that are right: what no crash leaves, but a disk
/// or somebody at the station may.
/// </summary>
internal static class StationJournals
{
    private const int FileBytes = 512 * 1024;
    private const int HeadSize = 40;

    public static IEnumerable<Target> In(DirectoryInfo folder)
    {
        yield return Lot(Path.Combine(folder.FullName, "lot.journal"));
        yield return Programming(Path.Combine(folder.FullName, "programming.journal"));
    }

    private static Target Lot(string path)
    {
        var order = Digest.Of("order"u8);
        var chip = ChipId.FromRandom(new byte[16]);
        using (var journal = LotJournal.Open(path, order, resume: false))
        {
            journal.Begun(chip, "/sockets/1");
            journal.Completed(chip, new byte[300]);
            journal.Begun(ChipId.FromRandom(Digest.Zero.ToArray().AsSpan(0, 16)), "/sockets/2");
            journal.Refused(chip, new Refusal(Reason.WrongLot, "of another lot"));
        }

        return OfRecords("lot-journal", path, () => LotJournal.Open(path, order, resume: true).Dispose());
    }

    private static Target Programming(string path)
    {
        var entropy = new SeededEntropy(61);
        var programmingKey = SigningKey.Generate(entropy);
        var stationKey = StationKey.FromBytes(new byte[StationKey.Size]);
        using var enrolmentKey = HpkePrivateKey.Generate(entropy);
        using var secrets = new StationSecrets(
            GeneratorState.Draw(entropy), MacKey.FromBytes(new byte[MacKey.Size]));
        var enrolment = EnrolmentSealer.Seal(
            "line-1", "north", SiteEpoch.First, secrets, enrolmentKey.Public, programmingKey, entropy);
        ChipWorld.Require(ProgrammingJournal.Begin(
            path, enrolment.Bytes, enrolmentKey, programmingKey.Public, stationKey));
        using (var journal = ProgrammingJournal.Resume(path, stationKey, programmingKey.Public))
        {
            var chip = ChipId.FromRandom(new byte[16]);
            var open = journal.BeginTurn(chip, "pump-a", Digest.Zero, entropy);
            using var key = DeviceKey.FromBytes(new byte[DeviceKey.Size]);
            using var image = new ProgramFile([1, 2, 3]);
            var content = new ProgramContent
            {
                Kid = 1,
                Key = key,
                Devices = [DeviceId.Parse("SN-000001").OrThrow()],
                Product = "pump",
                DeviceType = "pump-a",
                Encoding = ImageEncoding.Raw(0),
                Image = image,
            };
            journal.KeepFile(FileSealer.Seal(
                content, open.Take, enrolmentKey.Public, SiteEpoch.First, 1, programmingKey, entropy));
            journal.Close(ClosedTurn.Programmed);
            journal.BeginTurn(chip, "pump-a", Digest.Zero, entropy);
        }

        return OfRecords(
            "programming-journal",
            path,
            () => ProgrammingJournal.Resume(path, stationKey, programmingKey.Public).Dispose());
    }

    private static Target OfRecords(string name, string path, Action open)
    {
        var entries = Entries(File.ReadAllBytes(path));
        Judge judge = bytes =>
        {
            File.WriteAllBytes(path, bytes);
            return LocalFiles.Damaged(open);
        };
        return new Target(
            name,
            [
                .. entries.Select((entry, i) => new Seed($"record-{i}", entry.Record, judge, record =>
                    [.. entries.Select((other, j) => j == i ? other with { Record = record } : other)
                        .SelectMany(other => other.Written())])),
            ])
        {
            BaseBytes = FileBytes, CostFactor = 100,
        };
    }

    private static List<Entry> Entries(byte[] file)
    {
        var entries = new List<Entry>();
        for (var at = 0; at < file.Length;)
        {
            var record = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));
            var secret = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at + 4));
            var begin = at + HeadSize;
            entries.Add(new Entry(
                file[(at + 8)..begin],
                file[begin..(begin + record)],
                file[(begin + record + Digest.Size)..(begin + record + Digest.Size + secret)]));
            at = begin + record + Digest.Size + secret;
        }

        return entries;
    }

    private sealed record Entry(byte[] SecretHash, byte[] Record, byte[] Secret)
    {
        public byte[] Written()
        {
            var head = new byte[8];
            BinaryPrimitives.WriteInt32BigEndian(head, Record.Length);
            BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(4), Secret.Length);
            byte[] before = [.. head, .. SecretHash, .. Record];
            return [.. before, .. SHA256.HashData(before), .. Secret];
        }
    }
}
