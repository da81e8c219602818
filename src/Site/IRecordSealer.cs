using Keywright.Protocol.Keys;

namespace Keywright.Site;

/// <summary>
/// The site's master key, in a keystore that keeps it: seals the keys of records for the database and opens them again.
/// The context is deterministic CBOR that says which key of which record this is; a sealed key moved to another place does not
/// open.
/// </summary>
public interface IRecordSealer
{
    /// <summary>Seals a key for its place in the database.</summary>
    byte[] Seal(Secret key, ReadOnlySpan<byte> context);

    /// <summary>Opens it again; the caller disposes what it gets.</summary>
    /// <exception cref="InvalidDataException">The database was damaged, or belongs to another master key.</exception>
    TKey Open<TKey>(ReadOnlySpan<byte> sealedKey, ReadOnlySpan<byte> context)
        where TKey : Secret, IDerivedKey<TKey>;
}
