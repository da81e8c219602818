using Keywright.Protocol.Cbor;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Keys;

namespace Keywright.Protocol.Sealing.Firmware;

/// <summary>The site's side of a File (docs/spec/programming.md §5).</summary>
public static class FileSealer
{
    /// <summary>
    /// Seals the content to the Take's fresh key and signs the whole, with the kem key of the chip as the site
    /// learnt it.
    /// </summary>
    public static Verified<SealedFile> Seal(
        ProgramContent content,
        Verified<Take> take,
        HpkePublicKey chipKey,
        SiteEpoch epoch,
        ulong serial,
        SigningKey programmingKey,
        IEntropy entropy)
    {
        using var writer = new CborWriter(content.Image.Length + 1024);
        Write(content, writer);
        var encrypted = HpkeSealer.Seal(
            writer.Written, SealedFile.Binding(take.Digest), [take.Content.Fresh], entropy);
        var file = new SealedFile
        {
            Take = take.Digest,
            Epoch = epoch,
            Chip = take.Content.Chip,
            Devices = content.Devices,
            Serial = serial,
            Sealed = encrypted,
            ChipKey = chipKey,
        };
        return Message.Sign(file, programmingKey);
    }

    private static void Write(ProgramContent content, CborWriter writer)
    {
        writer.Map(content.Encoding.Kind == ImageKind.Raw ? 9 : 8)
            .Key(0).UInt(1)
            .Key(1).UInt(content.Kid)
            .Key(2).Bytes(content.Key.Expose())
            .Key(3);
        SealedFile.WriteDevices(writer, content.Devices);
        writer.Key(4).Text(content.Product)
            .Key(5).Text(content.DeviceType)
            .Key(6).UInt((uint)content.Encoding.Kind)
            .Key(7).Bytes(content.Image.Expose());
        if (content.Encoding.Kind == ImageKind.Raw)
        {
            writer.Key(8).UInt(content.Encoding.BaseAddress);
        }
    }
}
