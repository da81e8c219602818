using System.Security.Cryptography;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Images;
using Keywright.Protocol.Keys;

namespace Keywright.Protocol.Opening.Firmware;

/// <summary>The station's side of a File (docs/spec/programming.md §5, §6.2).</summary>
public static class FileOpener
{
    /// <summary>
    /// Checks that the File is the site's answer to this Take, in the epoch that the station knows. Order:
    /// message, signature, H(Take), chip ID, epoch. Refusals: as <see cref="Message.Parse{T}"/>,
    /// BadSignature, WrongTake, StaleEpoch.
    /// </summary>
    public static Outcome<Verified<SealedFile>> Verify(
        ReadOnlyMemory<byte> file, Verified<Take> take, SiteEpoch epoch, PublicKey programmingKey)
    {
        if (Message.Parse<SealedFile>(file).Refused(out var unverified, out var malformed))
        {
            return malformed;
        }

        if (unverified.VerifySignature(programmingKey).Refused(out var verified, out var forged))
        {
            return forged;
        }

        var content = verified.Content;
        if (content.Take != take.Digest || content.Chip != take.Content.Chip)
        {
            return new Refusal(Reason.WrongTake, $"a file for Take {content.Take} of chip {content.Chip}");
        }

        return content.Epoch == epoch
            ? verified
            : new Refusal(Reason.StaleEpoch, $"a file of epoch {content.Epoch}, this station knows {epoch}");
    }

    /// <summary>
    /// Opens a verified File and checks that the key is the one this turn gives. The caller disposes what it
    /// gets. Refusals: NotTheRecipient, BadSeal, Malformed, TooLarge, WrongVersion; WrongTake for other IDs
    /// than outside or for another key than the turn's.
    /// </summary>
    public static Outcome<ProgramContent> Open(Verified<SealedFile> file, HpkePrivateKey fresh, TurnKey turn)
    {
        var outside = file.Content;
        var binding = SealedFile.Binding(outside.Take);
        if (HpkeOpener.Open(outside.Sealed.Span, binding, fresh, SealedFile.MaxSealedBytes)
            .Refused(out var opened, out var why))
        {
            return why;
        }

        try
        {
            if (Read(opened).Refused(out var content, out var malformed))
            {
                return malformed;
            }

            using var expected = turn.DeviceKey(outside.Devices[0], outside.Chip);
            if (content.Devices.SequenceEqual(outside.Devices)
                && CryptographicOperations.FixedTimeEquals(expected.Expose(), content.Key.Expose()))
            {
                return content;
            }

            content.Dispose();
            return new Refusal(
                Reason.WrongTake, "the file inside has other IDs or another key than its turn gives");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(opened);
        }
    }

    private static Outcome<ProgramContent> Read(byte[] opened)
    {
        var reader = new CborReader(opened);
        reader.Map(9);
        reader.Version(1);
        reader.Key(1);
        var kid = reader.UInt32();
        reader.Key(2);
        var key = reader.Bytes(DeviceKey.Size);
        reader.Key(3);
        var devices = SealedFile.ReadDevices(ref reader);
        reader.Key(4);
        var product = ShortText.Read(ref reader);
        reader.Key(5);
        var deviceType = ShortText.Read(ref reader);
        reader.Key(6);
        var kind = (ImageKind)reader.Positive((uint)ImageKind.Raw);
        reader.Key(7);
        var image = reader.Bytes(1, SealedFile.MaxImageBytes);
        var baseAddress = 0u;
        if (kind == ImageKind.Raw)
        {
            reader.Key(8);
            baseAddress = reader.UInt32();
        }

        reader.EndMap();
        if (reader.Finish() is { } malformed)
        {
            return malformed;
        }

        return new ProgramContent
        {
            Kid = kid,
            Key = DeviceKey.FromBytes(key),
            Devices = devices,
            Product = product,
            DeviceType = deviceType,
            Encoding = new ImageEncoding(kind, baseAddress),
            Image = new ProgramFile(image),
        };
    }
}
