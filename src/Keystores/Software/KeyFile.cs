using Keywright.Protocol;
using Keywright.Protocol.Keys;

namespace Keywright.Keystores.Software;

/// <summary>
/// The keys of one party under names, in one file encrypted under a passphrase (docs/spec/keyfile.md).
/// Changes are in memory until <see cref="Save"/>, which replaces the file as a whole. Only its owner may
/// read the file.
/// </summary>
public sealed class KeyFile : IDisposable
{
    /// <summary>The most keys in one file.</summary>
    public const int MaxKeys = 256;

    private readonly string path;
    private readonly KeyFileCipher cipher;
    private readonly IEntropy entropy;
    private readonly SortedDictionary<string, NamedKey> keys;

    private KeyFile(string path, KeyFileCipher cipher, IEntropy entropy, IEnumerable<NamedKey> keys)
    {
        this.path = path;
        this.cipher = cipher;
        this.entropy = entropy;
        this.keys = new SortedDictionary<string, NamedKey>(
            keys.ToDictionary(key => key.Name), StringComparer.Ordinal);
    }

    /// <summary>The names in it, in order.</summary>
    public IReadOnlyCollection<string> Names => keys.Keys;

    /// <summary>Makes an empty one; the file must not be there yet.</summary>
    /// <param name="path">Where.</param>
    /// <param name="passphrase">Opens it from then on.</param>
    /// <param name="entropy">Draws salt and nonces.</param>
    /// <param name="iterations">The work of guessing a passphrase, kept in the file.</param>
    /// <exception cref="IOException">A file is there.</exception>
    public static KeyFile Create(
        string path,
        Passphrase passphrase,
        IEntropy entropy,
        int iterations = KeyFileCipher.DefaultIterations)
    {
        if (File.Exists(path))
        {
            throw new IOException($"{path} is there already: a key file is never overwritten by a new one");
        }

        var made = new KeyFile(path, KeyFileCipher.New(passphrase, iterations, entropy), entropy, []);
        made.Save();
        return made;
    }

    /// <summary>
    /// Opens one. Refusals: BadSeal for another passphrase or a changed file; Malformed, TooLarge,
    /// WrongVersion, WrongAlgorithm for what is no key file.
    /// </summary>
    /// <exception cref="IOException">The file is not there, or cannot be read.</exception>
    public static Outcome<KeyFile> Open(string path, Passphrase passphrase, IEntropy entropy)
    {
        var bytes = File.ReadAllBytes(path);
        if (KeyFileCipher.Open(bytes, passphrase).Refused(out var opened, out var why))
        {
            return why with { Detail = $"{path}: {why.Detail}" };
        }

        return new KeyFile(path, opened.Cipher, entropy, opened.Keys);
    }

    /// <summary>Adds a key to sign with.</summary>
    public void Add(string name, SigningKey key) => Add(name, KeyUse.Sign, key);

    /// <summary>Adds a key that opens what was sealed to it.</summary>
    public void Add(string name, HpkePrivateKey key) => Add(name, KeyUse.Open, key);

    /// <summary>Adds a symmetric key.</summary>
    public void Add<TKey>(string name, TKey key)
        where TKey : Secret, IDerivedKey<TKey> => Add(name, KeyUse.Symmetric, key);

    /// <summary>Adds a record of secrets, whose bytes this file does not look into.</summary>
    public void Add(string name, SecretRecord record) => Add(name, KeyUse.Record, record);

    /// <summary>A key to sign with; the caller disposes it. Refusals: UnknownKey.</summary>
    public Outcome<SigningKey> Signing(string name) => Find(name, KeyUse.Sign, SigningKey.FromScalar, 32);

    /// <summary>A key that opens; the caller disposes it. Refusals: UnknownKey.</summary>
    public Outcome<HpkePrivateKey> Opening(string name) =>
        Find(name, KeyUse.Open, HpkePrivateKey.FromScalar, 32);

    /// <summary>A symmetric key; the caller disposes it. Refusals: UnknownKey.</summary>
    public Outcome<TKey> Symmetric<TKey>(string name)
        where TKey : Secret, IDerivedKey<TKey> => Find(name, KeyUse.Symmetric, TKey.FromBytes, TKey.Size);

    /// <summary>A record of secrets; the caller disposes it. Refusals: UnknownKey.</summary>
    public Outcome<SecretRecord> Record(string name) =>
        Find(name, KeyUse.Record, bytes => new SecretRecord(bytes));

    /// <summary>Forgets a key; one that is not there is no matter.</summary>
    public void Remove(string name)
    {
        if (keys.Remove(name, out var removed))
        {
            removed.Dispose();
        }
    }

    /// <summary>
    /// Writes it beside the old one, and puts it in its place: the old one or the new one stands, never half
    /// of one.
    /// </summary>
    public void Save() => DurableFile.Replace(path, cipher.Seal([.. keys.Values], entropy));

    public void Dispose()
    {
        cipher.Dispose();
        foreach (var key in keys.Values)
        {
            key.Dispose();
        }
    }

    private void Add(string name, KeyUse use, Secret key)
    {
        if (name.Length is 0 or > NamedKey.MaxName || keys.Count == MaxKeys || key.Length > NamedKey.MaxSizeOf(use))
        {
            throw new ArgumentException($"{name} does not fit into a key file.", nameof(name));
        }

        keys.Add(name, new NamedKey(name, use, key.Expose()));
    }

    private Outcome<TKey> Find<TKey>(
        string name, KeyUse use, Func<ReadOnlySpan<byte>, TKey> make, int? size = null)
        where TKey : Secret =>
        keys.TryGetValue(name, out var key) && key.Use == use && key.Length == (size ?? key.Length)
            ? make(key.Expose())
            : new Refusal(Reason.UnknownKey, $"{path} has no key {name} of that kind");
}
