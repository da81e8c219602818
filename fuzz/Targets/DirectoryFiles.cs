using Keywright.Protocol;
using Keywright.Protocol.Backup;
using Keywright.Protocol.Backup.Log;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Sealing;
using Keywright.PublicDirectory.Backup;

namespace Keywright.Fuzz.Targets;

/// <summary>
/// Any file of a directory or mirror may be anything: who audits it, looks a chip up or proves an entry says
/// what is wrong, and does not fall over it.
/// </summary>
internal static class DirectoryFiles
{
    public static IEnumerable<Target> Targets
    {
        get
        {
            var world = new ChipWorld();
            var files = new MemoryFiles();
            var log = DirectoryLog.Open(files, world.Log.Name, world.LogSigner);
            log.Admit(world.OrderKey.Public.Id, world.OrderKey.Public.Bytes, world.Issuer.Bytes).OrThrow();
            var chip = default(ChipId);
            foreach (var entry in Vector.Good("entry").Select(it => it.Bytes("message")).Concat(Entries(world)))
            {
                if (!PublishEntry.Run(log, entry).Refused(out _, out _))
                {
                    chip = Message.Parse<Entry>(entry).OrThrow().Claimed.Certificate.Claimed.Chip;
                }
            }

            yield return new Target(
                "directory",
                [
                    .. files.Paths.Select(path => new Seed(
                        path, files.Read(path)!, it => Read(files.With(path, it), world.Log, chip))),
                ],
                Reason.UnknownEntry,
                Reason.BadProof,
                Reason.Malformed,
                Reason.TooLarge,
                Reason.WrongAlgorithm,
                Reason.UnknownKey,
                Reason.BadSignature,
                Reason.ProofDue)
            {
                BaseBytes = 256 * 1024, BytesPerByte = 64, CostFactor = 4,
            };
        }
    }

    private static Answer Read(MemoryFiles files, LogKey log, ChipId chip)
    {
        var clean = AuditDirectory.Run(files, log).Clean;
        if (LookUpChip.Run(files, chip).Refused(out var found, out var why)
            || ProveEntry.Run(files, found[0].Listed).Refused(out _, out why))
        {
            return why;
        }

        return clean ? Answer.Accepted : new Answer(null, null, "faulty");
    }

    /// <summary>Two entries of a chip, its second store after the first.</summary>
    private static IEnumerable<byte[]> Entries(ChipWorld world)
    {
        var identity = SigningKey.Generate(new SeededEntropy(51));
        var certificate = Message.Sign(
            new Certificate
            {
                Chip = ChipId.FromRandom(new byte[16]),
                Device = world.Device,
                DeviceType = ChipWorld.DeviceType,
                Product = ChipWorld.Product,
                Identity = identity.Public,
                Tls = identity.Public,
                Kem = HpkePrivateKey.Generate(new SeededEntropy(52)).Public,
                Issued = 1_790_000_000,
                Station = "station-1",
            },
            world.IssuingKey);
        using var key = SealKey.FromBytes(new byte[SealKey.Size]);
        var content = Encrypt0Sealer.Seal(key, new byte[12], [], new byte[32]);
        return
        [
            .. Enumerable.Range(1, 2).Select(number => Message.Sign(
                Entry.Of(new SealedBackup((ulong)number, content), certificate), identity).Bytes.ToArray()),
        ];
    }

    private sealed class MemoryFiles : IDirectoryFiles
    {
        private readonly SortedDictionary<string, byte[]> files;

        public MemoryFiles()
            : this(new SortedDictionary<string, byte[]>(StringComparer.Ordinal))
        {
        }

        private MemoryFiles(SortedDictionary<string, byte[]> files) => this.files = files;

        public IReadOnlyList<string> Paths => [.. files.Keys];

        /// <summary>A copy in which one file has another content.</summary>
        public MemoryFiles With(string path, byte[] content) =>
            new(new SortedDictionary<string, byte[]>(files, StringComparer.Ordinal) { [path] = content });

        public byte[]? Read(string path) => files.TryGetValue(path, out var content) ? [.. content] : null;

        public IReadOnlyList<string> List(string folder) =>
            [.. files.Keys.Where(path => path.StartsWith($"{folder}/", StringComparison.Ordinal))];

        public void Replace(string path, ReadOnlySpan<byte> content) => files[path] = content.ToArray();

        public void WriteEnd(string path, long offset, ReadOnlySpan<byte> content) =>
            files[path] = [.. (Read(path) ?? []).AsSpan(0, (int)offset), .. content];

        public void Delete(string path) => files.Remove(path);
    }
}
