using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Keywright.Chips;
using Keywright.Keystores.Software;
using Keywright.Owner.Diagnostics;
using Keywright.Owner.KeyDownload;
using Keywright.Owner.Provisioning;
using Keywright.Protocol;
using Keywright.Protocol.Backup.Log;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Diagnostics;
using Keywright.Protocol.KeyDownload;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Provisioning;
using Keywright.Protocol.Sealing;
using Keywright.Station;

namespace Keywright.Fuzz.Targets;

/// <summary>
/// Files that a party keeps for itself and finds again, perhaps not as it left them. A damaged one may also be
/// told by the exception that its reader names; that counts as an answer here.
/// </summary>
internal sealed class LocalFiles
{
    private const int FileBytes = 256 * 1024;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("keywright-fuzz-");
    private readonly SeededEntropy entropy = new(41);
    private readonly SealKey samKey = SealKey.FromBytes(Digest.Of("sam"u8).ToArray());

    public LocalFiles() => AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Delete(recursive: true);

    public IReadOnlyList<Target> Targets =>
    [
        StationJournal(),
        .. StationJournals.In(folder),
        .. new ChipSockets(folder).Targets(),
        Silicon(),
        SeenBefore(),
        .. SamFile(),
        .. KeyFiles(),
        ProgramText(),
        ChipDescriptions(),
    ];

    private static Target ChipDescriptions() => new(
        "chip-description",
        [
            .. Directory.GetFiles(Repository.PathTo("examples", "chips")).Order(StringComparer.Ordinal).Select(
                path => new Seed(
                    Path.GetFileNameWithoutExtension(path),
                    File.ReadAllBytes(path),
                    json => Answer.Of(ChipDescriptionFile.Read(json)))),
        ],
        Reason.Malformed,
        Reason.TooLarge,
        Reason.WrongVersion)
    {
        BaseBytes = 64 * 1024,
        BytesPerByte = 32,
    };

    private Target StationJournal()
    {
        var path = PathTo("journal");
        using (var journal = Journal.Open(path, _ => { }))
        {
            journal.Append("first"u8);
            var second = journal.Append("second"u8, "secret"u8);
            journal.Append("third"u8, "more"u8);
            journal.Erase(second);
        }

        return new Target("station-journal", [new Seed("three", File.ReadAllBytes(path), bytes =>
        {
            File.WriteAllBytes(path, bytes);
            return Damaged(() => Journal.Open(path, _ => { }).Dispose());
        })])
        { BaseBytes = FileBytes, CostFactor = 100 };
    }

    /// <summary>A soft chip's silicon: the entries' checks are made anew.</summary>
    private Target Silicon()
    {
        var chip = Path.Combine(folder.FullName, "chip");
        using var family = ChipFamily.Create("test family", 2, SigningKey.Generate(entropy).Public, entropy);
        var immutable = Device.Chip.ImmutableMemory.Read(
            family.ImmutableMemoryOf(ChipId.FromRandom(new byte[16]), 7)).OrThrow();
        SoftChip.FabricateIn(chip, immutable, entropy, new byte[SoftChip.TesterSize], new FlashGeometry(40, 1024));
        var path = Path.Combine(chip, "silicon");
        var bytes = File.ReadAllBytes(path);
        Judge open = it =>
        {
            File.WriteAllBytes(path, it);
            return Damaged(() => SoftChip.Open(chip, entropy).Dispose());
        };
        var content = bytes[4..(4 + (int)BinaryPrimitives.ReadUInt32BigEndian(bytes))];
        return new Target(
            "silicon",
            [new Seed("file", bytes, open), new Seed("content", content, open, Entry)])
        {
            BaseBytes = FileBytes, CostFactor = 20,
        };

        static byte[] Entry(byte[] content)
        {
            var entry = new byte[4 + content.Length + 8];
            BinaryPrimitives.WriteUInt32BigEndian(entry, (uint)content.Length);
            content.CopyTo(entry, 4);
            SHA256.HashData([.. new byte[8], .. content]).AsSpan(0, 8).CopyTo(entry.AsSpan(4 + content.Length));
            return entry;
        }
    }

    private Target SeenBefore()
    {
        var vector = Vector.Good("dump").First(it => it.Name == "one-segment");
        var end = Message.Parse<Dump>(Mutation.Frames.Split(vector.Bytes("dump"))[^1].Content).OrThrow()
            .VerifySignature(PublicKey.Parse(vector.Bytes("identity")).OrThrow()).OrThrow();
        var path = PathTo("seen-dumps");
        new SeenDumps(folder.FullName).Enter(end, DateTimeOffset.UnixEpoch);
        var line = File.ReadAllBytes(path);
        return new Target("seen-dumps", [new Seed("two", [.. line, .. line], bytes =>
        {
            File.WriteAllBytes(path, bytes);
            return Damaged(() => new SeenDumps(folder.FullName).Enter(end, DateTimeOffset.UnixEpoch));
        })])
        { BaseBytes = FileBytes, CostFactor = 100 };
    }

    /// <summary>
    /// The file of a SAM, and one event in it under a seal that is right: too long a one has no right length.
    /// </summary>
    private IEnumerable<Target> SamFile()
    {
        var path = PathTo("sam");
        using var transport = new TransportKey(new byte[32]);
        using (var sam = Sam.Create(path, samKey, transport, "KWTA"u8, entropy))
        {
            CreateApplicationKey.Run(sam, new WantedKey(5, "D0", 'B', 3, 1, 100)).OrThrow();
            AuthoriseDownloads.Run(sam, "an operator", DateTimeOffset.UnixEpoch).OrThrow();
        }

        var file = File.ReadAllBytes(path);
        Judge open = bytes =>
        {
            File.WriteAllBytes(path, bytes);
            if (Sam.Open(path, samKey, entropy).Refused(out var sam, out var why))
            {
                return why;
            }

            sam.Dispose();
            return Answer.Accepted;
        };
        yield return new Target("sam-file", [new Seed("three", file, open)], Reason.Malformed, Reason.BadSeal)
        {
            BaseBytes = FileBytes, CostFactor = 20,
        };
        var first = file[..(14 + (int)BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(6)))];
        var events = new (string Name, SamEvent Event)[]
        {
            ("units", new UnitsAdded([new SerialNumber([1])])),
            ("key", new KeyCreated(new ApplicationKeyRecord(5, "D0", 'B', 3, 1, 100, 0), new byte[48])),
            ("authorised", new DownloadsAuthorised("an operator", DateTimeOffset.UnixEpoch, true)),
            ("ceiling", new CeilingRaised(5, 200)),
            ("exported", new KeyExported(new byte[40], new byte[200])),
            ("acknowledged", new DownloadAcknowledged(Digest.Zero)),
            ("setup", new SamSetup("KWTA"u8.ToArray(), new byte[48])),
        };
        yield return new Target(
            "sam-file/event",
            [
                .. events.Select(it => new Seed(
                    it.Name, it.Event.Encode(), open, content => [.. first, .. Record(first, content)])),
            ],
            Reason.Malformed,
            Reason.TooLarge,
            Reason.BadSeal)
        {
            BaseBytes = FileBytes, CostFactor = 20,
        };
    }

    private byte[] Record(byte[] first, byte[] content)
    {
        using var key = Kdf.Derive<SealKey>(samKey, "sam journal", CborItem.Array());
        var context = CborItem.Array(1, Digest.Of(first.AsSpan(14)));
        var record = Encrypt0Sealer.Seal(key, new byte[12], context, content);
        var prefix = new byte[8];
        BinaryPrimitives.WriteUInt32BigEndian(prefix, (uint)record.Length);
        BinaryPrimitives.WriteUInt32BigEndian(prefix.AsSpan(4), ~(uint)record.Length);
        return [.. prefix, .. record];
    }

    /// <summary>A key file, and the keys in it under a seal that is right.</summary>
    private IEnumerable<Target> KeyFiles()
    {
        var path = PathTo("keys.kwk");
        var passphrase = new Passphrase("correct horse"u8);
        using (var keys = KeyFile.Create(path, passphrase, entropy, iterations: 2))
        {
            keys.Add("order", SigningKey.Generate(entropy));
            keys.Add("sam", samKey);
            keys.Save();
        }

        var file = File.ReadAllBytes(path);
        Judge open = bytes =>
        {
            File.WriteAllBytes(path, bytes);
            if (KeyFile.Open(path, passphrase, entropy).Refused(out var keys, out var why))
            {
                return why;
            }

            keys.Dispose();
            return Answer.Accepted;
        };
        yield return new Target(
            "key-file",
            [new Seed("two", file, open, FewIterations)],
            Reason.Malformed,
            Reason.TooLarge,
            Reason.WrongVersion,
            Reason.WrongAlgorithm,
            Reason.BadSeal)
        {
            BaseBytes = FileBytes, CostFactor = 4,
        };
        using var content = new CborWriter();
        content.Array(2)
            .Array(3).Text("order").UInt(1).Bytes(new byte[32])
            .Array(3).Text("sam").UInt(3).Bytes(new byte[32]);
        yield return new Target(
            "key-file/content",
            [new Seed("two", content.ToArray(), open, it => Sealed(it, "correct horse"))],
            Reason.Malformed,
            Reason.TooLarge)
        {
            BaseBytes = FileBytes, CostFactor = 4,
        };
    }

    /// <summary>
    /// The work that a file asks for is the file's own choice up to 100 million rounds; a campaign has no time
    /// for it.
    /// </summary>
    private static byte[] FewIterations(byte[] file)
    {
        var reader = new CborReader(file);
        reader.Map(5);
        reader.Version(1);
        reader.Key(1);
        reader.Text(1, 32);
        reader.Key(2);
        return reader.UInt(ulong.MaxValue) > 1000 ? [] : file;
    }

    private static byte[] Sealed(byte[] content, string passphrase)
    {
        const string Function = "pbkdf2-hmac-sha-256";
        var salt = new byte[16];
        var derived = Rfc2898DeriveBytes.Pbkdf2(
            Encoding.UTF8.GetBytes(passphrase), salt, 2, HashAlgorithmName.SHA256, SealKey.Size);
        using var key = SealKey.FromBytes(derived);
        using var writer = new CborWriter();
        return writer.Map(5).Key(0).UInt(1).Key(1).Text(Function).Key(2).UInt(2).Key(3).Bytes(salt).Key(4)
            .Bytes(Encrypt0Sealer.Seal(key, new byte[12], CborItem.Array("key file", Function, 2, salt), content))
            .ToArray();
    }

    /// <summary>The text of a provisioning program: what is assembled reads again as it was written.</summary>
    private static Target ProgramText() => new(
        "program-text",
        [
            new Seed(
                "provision",
                File.ReadAllBytes(Repository.PathTo("examples", "provisioning", "provision.kwp")),
                Assemble),
        ],
        Reason.Malformed)
    {
        BytesPerByte = 128, CostFactor = 4,
    };

    private static Answer Assemble(byte[] text)
    {
        var assembly = Assembler.Assemble(Encoding.Latin1.GetString(text), "test family", 1);
        if (assembly.Program is not { } program)
        {
            return new Refusal(Reason.Malformed, assembly.Errors[0].ToString());
        }

        foreach (var command in program.Commands)
        {
            var code = InstructionCode.Encode(command.Instructions);
            if (!InstructionCode.Decode(code).Refused(out var again, out _)
                && !InstructionCode.Encode(again).AsSpan().SequenceEqual(code))
            {
                throw new InvalidOperationException("what was assembled reads as another program");
            }
        }

        return Answer.Accepted;
    }

    internal static Answer Damaged(Action open)
    {
        try
        {
            open();
            return Answer.Accepted;
        }
        catch (Exception fault) when (fault is InvalidDataException || fault.GetType() == typeof(IOException))
        {
            return new Answer(null, null, "damaged");
        }
    }

    private string PathTo(string name) => Path.Combine(folder.FullName, name);
}
