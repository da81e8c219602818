using Keywright.Protocol.Cbor;
using Keywright.Protocol.Cose;

namespace Keywright.Protocol.Firmware;

/// <summary>
/// A device asks for software (docs/spec/delivery.md §3): number n of its chain, hanging on what closed n −
/// 1. S1 by the identity key where one is enrolled, else M0 under KDF(K_D, "claim"); at most 8 KiB. The
/// device stores it before sending it, and sends only these bytes until it has an authenticated answer.
/// Refusals when read: Malformed (also a riding Done that is not prev), TooLarge, WrongVersion.
/// </summary>
public sealed record Claim : IMessage<Claim>
{
    /// <summary>The highest n, 2⁶³ − 1.</summary>
    public const ulong MaxNumber = long.MaxValue;

    public const int NonceSize = 16;

    public required DeviceId Device { get; init; }

    /// <summary>Which of the device's keys.</summary>
    public required uint Kid { get; init; }

    /// <summary>n: one above the last closed number, from 1 on.</summary>
    public required ulong Number { get; init; }

    /// <summary>H of the Done, Refusal or Resume that closed n − 1; zero when nothing did.</summary>
    public required Digest Prev { get; init; }

    /// <summary>The Done that closed n − 1, when a Done did; else null.</summary>
    public ReadOnlyMemory<byte>? LastDone { get; init; }

    /// <summary>The product wanted.</summary>
    public required string Product { get; init; }

    /// <summary>H of a particular manifest; null: the newest that fits.</summary>
    public Digest? Manifest { get; init; }

    /// <summary>What stands on the device.</summary>
    public required IReadOnlyList<Installed> Installed { get; init; }

    /// <summary>16 random bytes.</summary>
    public required ReadOnlyMemory<byte> Nonce { get; init; }

    public static MessageType Type { get; } = new("claim", Protection.Signature | Protection.Mac, 8 * 1024);

    public void Write(CborWriter writer)
    {
        writer.Map(8 + (LastDone is null ? 0 : 1) + (Manifest is null ? 0 : 1)).Key(0).UInt(1);
        writer.Key(1).Text(Device.ToString()).Key(2).UInt(Kid).Key(3).UInt(Number).Key(4).Digest(Prev);
        if (LastDone is { } done)
        {
            writer.Key(5).Bytes(done.Span);
        }

        writer.Key(6).Text(Product);
        if (Manifest is { } manifest)
        {
            writer.Key(7).Digest(manifest);
        }

        writer.Key(8);
        Firmware.Installed.WriteAll(writer, Installed);
        writer.Key(9).Bytes(Nonce.Span);
    }

    public static Claim Read(ref CborReader reader)
    {
        reader.Map(10);
        reader.Version(1);
        reader.Key(1);
        var device = DeviceId.Read(ref reader);
        reader.Key(2);
        var kid = reader.UInt32();
        reader.Key(3);
        var number = reader.Positive(MaxNumber);
        reader.Key(4);
        var prev = reader.Digest();
        ReadOnlyMemory<byte>? done = null;
        if (reader.TryKey(5))
        {
            done = reader.Bytes(1, Done.Type.MaxSizeBytes).ToArray();
        }

        reader.Key(6);
        var product = ShortText.Read(ref reader);
        Digest? manifest = reader.TryKey(7) ? reader.Digest() : null;
        reader.Key(8);
        var installed = Firmware.Installed.ReadAll(ref reader);
        reader.Key(9);
        var nonce = reader.Bytes(NonceSize).ToArray();
        reader.EndMap();
        if ((number > 1 && prev == Digest.Zero)
            || (done is { } riding && Digest.Of(riding.Span) != prev))
        {
            reader.Refuse(Reason.Malformed, "n, prev and the riding Done do not belong together");
        }

        return new Claim
        {
            Device = device,
            Kid = kid,
            Number = number,
            Prev = prev,
            LastDone = done,
            Product = product,
            Manifest = manifest,
            Installed = installed,
            Nonce = nonce,
        };
    }
}
