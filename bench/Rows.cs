using System.Security.Cryptography;
using Keywright.Protocol;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Opening;
using Keywright.Protocol.Sealing;

namespace Keywright.Bench;

/// <summary>What is measured: primitives beside OpenSSL's, then the messages and images made of them.</summary>
internal static class Rows
{
    private static readonly DrawnBytes Entropy = new();

    public static IEnumerable<Row> All() =>
        [.. Bodies(), .. Macs(), .. Signatures(), .. PublicKeyEncryption(), ClaimWork.Row(), ImageWork.Row(), .. LotWork.Rows()];

    private static IEnumerable<Row> Bodies()
    {
        const int Chunk = BodyShape.ChunkSize;
        var key = Entropy.Draw(BodyShape.KeySize);
        var salt = Entropy.Draw(BodyShape.SaltSize);
        byte[] context = [0x80];
        var plain = Entropy.Draw(Chunk);
        var body = new byte[BodyShape.SealedChunkSize];
        var header = new byte[BodyShape.HeaderSize];
        var sealer = new BodySealer(key, salt, context);
        sealer.WriteHeader(header);
        sealer.SealChunk(0, plain, body);
        var opener = BodyOpener.Begin(key, context, header).OrThrow();

        var room = new byte[BodyShape.SealedChunkSize];
        var gcm = new AesGcm(key, BodyShape.TagSize);
        var nonce = new byte[12];
        (string, Func<double>) peer =
            ("openssl aes-256-gcm, 16 KiB", () => OpenSsl.BytesPerSecond("-evp", "aes-256-gcm", Chunk));
        yield return new Row(
            "Cobblestone-256 seal, chunks of 16 KiB", Unit.Bytes, Chunk, () => sealer.SealChunk(0, plain, room),
            () => gcm.Encrypt(nonce, plain, room.AsSpan(0, Chunk), room.AsSpan(Chunk)))
        {
            AimRatio = 0.85,
            Peer = peer,
        };
        gcm.Encrypt(nonce, plain, room.AsSpan(0, Chunk), room.AsSpan(Chunk));
        var sealedByPlatform = room.ToArray();
        yield return new Row(
            "Cobblestone-256 open, chunks of 16 KiB", Unit.Bytes, Chunk, () => opener.OpenChunk(0, body, room).OrThrow(),
            () => gcm.Decrypt(nonce, sealedByPlatform.AsSpan(0, Chunk), sealedByPlatform.AsSpan(Chunk), room.AsSpan(0, Chunk)))
        {
            AimRatio = 0.85,
            Peer = peer,
        };
    }

    private static IEnumerable<Row> Macs()
    {
        foreach (var size in new[] { 4, 16, 64 })
        {
            var cmac = new AesCmac(Entropy.Draw(32));
            var data = Entropy.Draw(size << 10);
            var tag = new byte[AesCmac.TagSize];
            yield return new Row($"AES-256-CMAC, {size} KiB", Unit.Bytes, data.Length, () => Tag(cmac, data, tag), null)
            {
                AimRatio = 0.9,
                Peer = ($"openssl cmac, {size} KiB", () => OpenSsl.BytesPerSecond("-cmac", "aes-256-cbc", data.Length)),
            };
        }
    }

    private static void Tag(AesCmac cmac, byte[] data, byte[] tag)
    {
        cmac.Append(data);
        cmac.Finish(tag);
    }

    private static IEnumerable<Row> Signatures()
    {
        var key = SigningKey.Generate(Entropy);
        var data = Entropy.Draw(300);
        var signature = key.Sign(data);
        var bare = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var bareSignature = bare.SignData(data, HashAlgorithmName.SHA256);
        yield return new Row(
            "ES256 sign, key at hand", Unit.Operations, 1, () => key.Sign(data),
            () => bare.SignData(data, HashAlgorithmName.SHA256))
        {
            AimRatio = 0.85,
            Peer = ("openssl ecdsap256 sign", () => OpenSsl.Ecdsa().Sign),
        };
        yield return new Row(
            "ES256 verify, key at hand", Unit.Operations, 1, () => Must(key.Public.Verify(data, signature)),
            () => bare.VerifyData(data, bareSignature, HashAlgorithmName.SHA256))
        {
            AimRatio = 0.85,
            Peer = ("openssl ecdsap256 verify", () => OpenSsl.Ecdsa().Verify),
        };
    }

    private static IEnumerable<Row> PublicKeyEncryption()
    {
        var key = HpkePrivateKey.Generate(Entropy);
        var content = Entropy.Draw(32);
        byte[] info = [0x80];
        var message = HpkeSealer.Seal(content, info, [key.Public], Entropy);
        (string, Func<double>) peer = ("openssl ecdhp256, one agreement", () => OpenSsl.Ecdh());
        yield return new Row(
            "EN seal (HPKE, one recipient)", Unit.Operations, 1,
            () => HpkeSealer.Seal(content, info, [key.Public], Entropy), null)
        {
            AimRate = 4000,
            Peer = peer,
        };
        yield return new Row(
            "EN open", Unit.Operations, 1, () => HpkeOpener.Open(message, info, key, 64).OrThrow(), null)
        {
            AimRate = 4000,
            Peer = peer,
        };
    }

    private static void Must(bool held)
    {
        if (!held)
        {
            throw new InvalidOperationException("what is measured has failed");
        }
    }
}
