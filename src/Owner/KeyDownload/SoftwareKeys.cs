using System.Security.Cryptography;
using Keywright.Protocol;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.KeyDownload;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Opening;
using Keywright.Protocol.Sealing;
using Keywright.Protocol.Sealing.KeyDownload;

namespace Keywright.Owner.KeyDownload;

/// <summary>
/// A SAM's keys in software (docs/spec/keydownload.md §8.2): each sealed (E0) under KDF(SAM key, "sam keys")
/// with what it is as associated data; one is open only while it is used.
/// </summary>
public sealed class SoftwareKeys(SamSetup setup, SealKey samKey, IEntropy entropy) : ISamKeys, IDisposable
{
    private const int NonceSize = 12;
    private const int MaxKeySize = 32;

    private readonly SealKey sealing = Kdf.Derive<SealKey>(samKey, "sam keys", CborItem.Array());

    public byte[] Draw(uint ref1, int version, int sizeBytes)
    {
        var drawn = GC.AllocateUninitializedArray<byte>(sizeBytes, pinned: true);
        entropy.Fill(drawn);
        using var key = new ApplicationKey(drawn);
        CryptographicOperations.ZeroMemory(drawn);
        return SealOne(sealing, key, CborItem.Array("application key", ref1, version), entropy);
    }

    public byte[] Seal(ExportKey request, ApplicationKeyRecord record, ReadOnlyMemory<byte> kept)
    {
        using var unit = UnitKeyOf(request.Serial);
        var context = CborItem.Array("application key", record.Ref1, record.Version);
        using var key = OpenOne(kept.Span, context, bytes => new ApplicationKey(bytes));
        return DownloadSealer.Seal(unit, request, record, key, entropy);
    }

    public Outcome<Acknowledgement> Check(Acknowledgement answer, ExportKey request, Digest data)
    {
        using var unit = UnitKeyOf(request.Serial);
        return answer.Check(unit, request.Serial, request.Random, data);
    }

    public void Dispose() => sealing.Dispose();

    /// <summary>What a setup keeps of T.</summary>
    internal static byte[] Keep(TransportKey transport, SealKey samKey, IEntropy entropy)
    {
        using var sealing = Kdf.Derive<SealKey>(samKey, "sam keys", CborItem.Array());
        return SealOne(sealing, transport, CborItem.Array("transport key"), entropy);
    }

    private UnitKey UnitKeyOf(SerialNumber serial)
    {
        var context = CborItem.Array("transport key");
        using var transport = OpenOne(setup.KeptTransport.Span, context, bytes => new TransportKey(bytes));
        return Diversification.KeyOf(transport, serial, setup.ApplicationId.Span);
    }

    private static byte[] SealOne(SealKey sealing, Secret key, byte[] context, IEntropy entropy)
    {
        Span<byte> nonce = stackalloc byte[NonceSize];
        entropy.Fill(nonce);
        return Encrypt0Sealer.Seal(sealing, nonce, context, key.Expose());
    }

    private TKey OpenOne<TKey>(ReadOnlySpan<byte> kept, byte[] context, Func<ReadOnlySpan<byte>, TKey> make)
    {
        // The journal has authenticated what is kept, so that a refusal in here is a bug.
        var bytes = Encrypt0Opener.Open(sealing, context, kept, MaxKeySize).OrThrow();
        var key = make(bytes);
        CryptographicOperations.ZeroMemory(bytes);
        return key;
    }
}
