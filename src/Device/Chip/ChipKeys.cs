using System.Security.Cryptography;
using Keywright.Protocol;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Opening;

namespace Keywright.Device.Chip;

/// <summary>Root of what the chip keeps in flash: KDF(C, "store", [chip ID]), 32 bytes.</summary>
public sealed class StoreRoot(ReadOnlySpan<byte> bytes) : Secret(bytes);

/// <summary>Root of backups: KDF(C, "backup", [chip ID]), 32 bytes.</summary>
public sealed class BackupRoot(ReadOnlySpan<byte> bytes) : Secret(bytes);

/// <summary>Root of challenges: KDF(C, "challenge", [chip ID]), 32 bytes.</summary>
public sealed class ChallengeRoot(ReadOnlySpan<byte> bytes) : Secret(bytes);

/// <summary>Root of the directory locator: KDF(C, "locator", [chip ID]), 32 bytes.</summary>
public sealed class LocatorRoot(ReadOnlySpan<byte> bytes) : Secret(bytes);

/// <summary>
/// The keys that the chip makes from its secret chip key C (docs/spec/chip.md §4): the same at every boot,
/// never stored. Each is made when first asked for and wiped with this object.
/// </summary>
public sealed class ChipKeys(ISilicon silicon) : IDisposable
{
    private const int RootSize = 32;
    private const int ScalarSeedSize = 48;

    private readonly List<Secret> made = [];
    private StoreRoot? store;
    private BackupRoot? backup;
    private ChallengeRoot? challenge;
    private LocatorRoot? locator;
    private SigningKey? identity;
    private SigningKey? tls;
    private HpkePrivateKey? kem;

    public StoreRoot Store => store ??= Derive("store", RootSize, bytes => new StoreRoot(bytes));

    public BackupRoot Backup => backup ??= Derive("backup", RootSize, bytes => new BackupRoot(bytes));

    public ChallengeRoot Challenge =>
        challenge ??= Derive("challenge", RootSize, bytes => new ChallengeRoot(bytes));

    public LocatorRoot Locator => locator ??= Derive("locator", RootSize, bytes => new LocatorRoot(bytes));

    /// <summary>
    /// Signs only typed messages that trusted code has built: receipts, certificates' proofs, dumps, resumes.
    /// </summary>
    public SigningKey Identity => identity ??= Derive("identity", ScalarSeedSize, SigningKey.FromDerived);

    /// <summary>The key of the X.509 twin certificate, for TLS alone.</summary>
    public SigningKey Tls => tls ??= Derive("tls", ScalarSeedSize, SigningKey.FromDerived);

    /// <summary>Opens what was sealed to this chip.</summary>
    public HpkePrivateKey Kem => kem ??= Derive("kem", ScalarSeedSize, HpkePrivateKey.FromDerived);

    /// <summary>
    /// Opens EN (docs/spec/wire.md §6) with <see cref="Kem"/>. The caller wipes what it gets. Refusals: those of
    /// <see cref="HpkeOpener.Open"/>.
    /// </summary>
    public Outcome<byte[]> Open(ReadOnlySpan<byte> message, ReadOnlySpan<byte> extraInfo, int maxSizeBytes) =>
        HpkeOpener.Open(message, extraInfo, Kem, maxSizeBytes);

    public void Dispose() => made.ForEach(secret => secret.Dispose());

    private TSecret Derive<TSecret>(string name, int size, Func<ReadOnlySpan<byte>, TSecret> take)
        where TSecret : Secret
    {
        Span<byte> bytes = stackalloc byte[size];
        try
        {
            silicon.Derive(name, bytes);
            var secret = take(bytes);
            made.Add(secret);
            return secret;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }
}
