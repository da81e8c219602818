using Keywright.Protocol.Cbor;
using Keywright.Protocol.Keys;

namespace Keywright.Protocol.Firmware;

/// <summary>
/// The chip's command "program" (docs/spec/programming.md §9). Its input "head" is EN to the chip's kem key of
/// {0: 1, 1: kid, 2: K_D, 3: [1*8 device-id], 4: product, 5: device type, 6: image kind, 7: base address, 8:
/// H(image), 9: size of the image}; its input "image" is the program file as a body under a key that K_D and
/// this head give. Its output "confirmation" is 32 bytes: <see cref="ConfirmationOf"/>.
/// </summary>
public static class ProgramCommand
{
    public const string Name = "program";
    public const string Head = "head";
    public const string Image = "image";
    public const string Confirmation = "confirmation";

    /// <summary>Size of the output "confirmation", in bytes.</summary>
    public const int ConfirmationSize = 32;

    /// <summary>The longest head inside its seal, in bytes.</summary>
    public const int MaxHeadBytes = 1024;

    /// <summary>The longest input "head", in bytes.</summary>
    public const int MaxSealedHeadBytes = MaxHeadBytes + 256;

    /// <summary>["program", chip ID]: what a sealed head is bound to.</summary>
    public static byte[] Binding(ChipId chip) => CborItem.Array(Name, chip);

    /// <summary>["program", H(head)]: what a sealed image is bound to; H of the head inside its seal.</summary>
    public static byte[] ImageContext(Digest head) => CborItem.Array(Name, head);

    /// <summary>KDF(K_D, "program", [H(head)]): the key of the image; the caller disposes it.</summary>
    public static BodyKey ImageKey(DeviceKey key, Digest head) =>
        Kdf.Derive<BodyKey>(key, Name, CborItem.Array(head));

    /// <summary>
    /// KDF(K_D, "programmed", [chip ID, H(head)]), 32 bytes: what a chip answers once it is programmed, and nobody
    /// can who did not open the head (§9.5).
    /// </summary>
    public static byte[] ConfirmationOf(DeviceKey key, ChipId chip, Digest head)
    {
        var confirmation = new byte[ConfirmationSize];
        Kdf.Derive(key.Expose(), "programmed", CborItem.Array(chip, head), confirmation);
        return confirmation;
    }

    /// <summary>The head inside the seal, for a File's content; the caller disposes it.</summary>
    public static Secret Encode(ProgramContent content)
    {
        using var writer = new CborWriter(MaxHeadBytes);
        writer.Map(10).Key(0).UInt(1).Key(1).UInt(content.Kid).Key(2).Bytes(content.Key.Expose()).Key(3);
        SealedFile.WriteDevices(writer, content.Devices);
        writer.Key(4).Text(content.Product)
            .Key(5).Text(content.DeviceType)
            .Key(6).UInt((uint)content.Encoding.Kind)
            .Key(7).UInt(content.Encoding.BaseAddress)
            .Key(8).Digest(Digest.Of(content.Image.Expose()))
            .Key(9).UInt((uint)content.Image.Length);
        return new HeadBytes(writer.Written);
    }

    /// <summary>
    /// Reads a head out of its seal; the caller disposes it. Refusals: Malformed, TooLarge, WrongVersion.
    /// </summary>
    public static Outcome<ProgramHead> Decode(ReadOnlySpan<byte> head)
    {
        var reader = new CborReader(head);
        reader.Map(10);
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
        var baseAddress = reader.UInt32();
        reader.Key(8);
        var image = reader.Digest();
        reader.Key(9);
        var size = (uint)reader.Positive(SealedFile.MaxImageBytes);
        reader.EndMap();
        return reader.Finish() is { } malformed
            ? malformed
            : new ProgramHead
            {
                Digest = Digest.Of(head),
                Kid = kid,
                Key = DeviceKey.FromBytes(key),
                Devices = devices,
                Product = product,
                DeviceType = deviceType,
                Encoding = new ImageEncoding(kind, baseAddress),
                ImageHash = image,
                ImageSize = (int)size,
            };
    }

    private sealed class HeadBytes(ReadOnlySpan<byte> bytes) : Secret(bytes);
}

/// <summary>The head of a "program" command, opened; wiped on dispose.</summary>
public sealed class ProgramHead : IDisposable
{
    /// <summary>H of the head inside its seal: sealed again, it is the same call.</summary>
    public required Digest Digest { get; init; }

    public required uint Kid { get; init; }

    public required DeviceKey Key { get; init; }

    public required IReadOnlyList<DeviceId> Devices { get; init; }

    public required string Product { get; init; }

    public required string DeviceType { get; init; }

    public required ImageEncoding Encoding { get; init; }

    public required Digest ImageHash { get; init; }

    public required int ImageSize { get; init; }

    public void Dispose() => Key.Dispose();
}
