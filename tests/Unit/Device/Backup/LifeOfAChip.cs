using System.Text;
using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Device.Firmware;
using Keywright.Protocol;
using Keywright.Protocol.Backup;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Keys;
using Keywright.PublicDirectory.Backup;
using Keywright.TestSupport;
using Keywright.UnitTests.PublicDirectory.Backup;

namespace Keywright.UnitTests.Device.Backup;

/// <summary>
/// One soft chip on its way through the backup story, and the public directory that it meets there.
/// </summary>
internal sealed class LifeOfAChip
{
    public const string DeviceKeyText = "the device key, thirty-two bytes";

    public static readonly KeyHandle DeviceKey = new(KeyKind.Device, "1");

    private readonly BackupParties parties;
    private readonly string device;

    public LifeOfAChip(BackupParties parties, MemoryFiles files, string device = "d-1", ulong number = 1)
    {
        this.parties = parties;
        this.device = device;
        Files = files;
        Chip = TestChips.Make(number);
        Directory = DirectoryLog.Open(files, BackupParties.LogName, parties.LogSigner);
        parties.AdmitTo(Directory);
    }

    public SoftChip Chip { get; private set; }

    public MemoryFiles Files { get; }

    public DirectoryLog Directory { get; }

    public ChipId Id => Chip.Immutable.ChipId;

    /// <summary>
    /// What provisioning and first programming leave: owner, identity, and a key store with the device key.
    /// </summary>
    public LifeOfAChip Personalised()
    {
        using var chip = ChipState.Boot(Chip);
        ChangeStore(chip, DeviceKey, DeviceKeyText, transaction =>
        {
            var nameplate = new Nameplate(DeviceId.Parse(device).OrThrow(), BackupParties.Product, "th-100");
            Assert.Null(nameplate.Stage(transaction));
            transaction.Then(MonotonicUpdate.OwnedBy(parties.OrderKey.Public.Id));
            transaction.Then(MonotonicUpdate.IdentifiedAs(DeviceId.Parse(device).OrThrow().Hash()));
            transaction.Then(MonotonicUpdate.Reached(Lifecycle.Personalised));
        });
        return this;
    }

    /// <summary>Certified, backed up, published, and shown the proof of it.</summary>
    public LifeOfAChip Fielded()
    {
        Personalised();
        Assert.Null(Execute("certify", Certification()));
        PublishAndShow();
        return this;
    }

    public void PublishAndShow()
    {
        PublishEntry.Run(Directory, BackUp()).OrThrow();
        Assert.Null(Execute("show-proof", new MemoryHost().With("proof", NewestProof())));
    }

    /// <summary>Stores another key, as a rekeying does; gives the refusal.</summary>
    public Refusal? Rekey(string slot, string key)
    {
        using var chip = ChipState.Boot(Chip);
        return ChangeStore(chip, new KeyHandle(KeyKind.Application, slot), key);
    }

    public MemoryHost Certification(Verified<Certificate>? certificate = null, BackupParties? from = null) =>
        new MemoryHost()
            .With("order-key", (from ?? parties).OrderKey.Public.Bytes.ToArray())
            .With("issuer", (from ?? parties).Issuer.Bytes)
            .With("certificate", (certificate ?? OwnCertificate()).Bytes);

    public Verified<Certificate> OwnCertificate(
        Func<Certificate, Certificate>? changed = null, SigningKey? issuing = null)
    {
        using var keys = new ChipKeys(Chip);
        var certificate = new Certificate
        {
            Chip = Id,
            Device = DeviceId.Parse(device).OrThrow(),
            DeviceType = "th-100",
            Identity = keys.Identity.Public,
            Tls = keys.Tls.Public,
            Kem = keys.Kem.Public,
            Issued = 1_790_000_000,
            Station = "station-1",
            Product = BackupParties.Product,
        };
        return Message.Sign(changed?.Invoke(certificate) ?? certificate, issuing ?? parties.IssuingKey);
    }

    public byte[] BackUp()
    {
        var host = new MemoryHost();
        Assert.Null(Execute("backup", host));
        return host.Emitted("entry");
    }

    /// <summary>The proof of the chip's newest entry, made from the directory's files.</summary>
    public byte[] NewestProof(int older = 0) => Prove(LookUpChip.Run(Files, Id).OrThrow()[older].Listed);

    public byte[] Prove(ListedEntry listed) => ProveEntry.Run(Files, listed).OrThrow();

    /// <summary>All that a recovery takes, from public files alone.</summary>
    public MemoryHost Recovery(int older = 0)
    {
        var found = LookUpChip.Run(Files, Id).OrThrow()[older];
        return new MemoryHost()
            .With("entry", found.Entry)
            .With("proof", Prove(found.Listed))
            .With("issuer", found.Issuer)
            .With("order-key", found.OrderKey);
    }

    public void WipeFlash() =>
        Chip = Chip.WithFlash(new MemoryFlash(Chip.Flash.PageCount, Chip.Flash.PageSize));

    public Refusal? Execute(string command, MemoryHost host) => Execute(Chip, command, host);

    public static Refusal? Execute(ISilicon silicon, string command, MemoryHost host)
    {
        using var booted = BootedDevice.Boot(silicon);
        return booted.Execute(command, host);
    }

    /// <summary>Digest of all that the chip is, and its registers.</summary>
    public (Digest, MonotonicState) State()
    {
        var copy = Chip.Snapshot();
        using var chip = ChipState.Boot(copy);
        return (PowerCutSweep.Fingerprint(chip), Chip.Monotonic.State);
    }

    public T Look<T>(Func<ChipState, T> look)
    {
        using var chip = ChipState.Boot(Chip.Snapshot());
        return look(chip);
    }

    /// <summary>The bytes of the key store with its number: all keys.</summary>
    public byte[] Store() => Look(chip =>
    {
        using var image = chip.KeyStore.Image();
        return image.Expose().ToArray();
    });

    private static Refusal? ChangeStore(
        ChipState chip, KeyHandle handle, string key, Action<Transaction>? more = null)
    {
        using var draft = chip.KeyStore.Draft();
        Assert.Null(draft.Put(handle, new KeyAttributes("", "", 1), Encoding.ASCII.GetBytes(key)));
        using var transaction = chip.Journal.Begin();
        if (chip.KeyStore.Stage(draft, transaction) is { } why)
        {
            return why;
        }

        more?.Invoke(transaction);
        transaction.Commit();
        return null;
    }
}
