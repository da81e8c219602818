using Keywright.Protocol;
using Keywright.Protocol.Backup;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.KeyDownload;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Opening;
using Keywright.Protocol.Opening.Backup;
using Keywright.Protocol.Opening.Diagnostics;
using Keywright.Protocol.Opening.Firmware;
using Keywright.Protocol.Opening.KeyDownload;
using Keywright.Protocol.Opening.Provisioning;
using Keywright.Protocol.Provisioning;

namespace Keywright.UnitTests.Protocol.Opening;

/// <summary>Each opener as one step from bytes to the content that was sealed.</summary>
internal static class Opened
{
    public static Outcome<byte[]> Body(SealKey key, byte[] context, byte[] body)
    {
        using var output = new MemoryStream();
        return BodyOpener.Open(key.Expose(), context, new MemoryStream(body), output).Refused(out _, out var why)
            ? why
            : output.ToArray();
    }

    public static Outcome<byte[]> Backup(byte[] message, Secret root, ChipId chip, Digest identity) =>
        SealedBackup.Parse(message).Refused(out var backup, out var why)
            ? why
            : BackupOpener.Open(root, chip, identity, backup);

    public static Outcome<byte[]> Enrolment(
        byte[] message, SigningKey site, HpkePrivateKey station, Func<Enrolment, Enrolment> change)
    {
        if (EnrolmentOpener.Verify(message, site.Public).Refused(out var enrolment, out var why)
            || EnrolmentOpener.Open(Message.Sign(change(enrolment.Content), site), station)
                .Refused(out var secrets, out why))
        {
            return why;
        }

        using (secrets)
        {
            return (byte[])[.. secrets.Generator.Expose(), .. secrets.TakeKey.Expose()];
        }
    }

    public static Outcome<byte[]> File(
        byte[] message, Verified<Take> take, SiteEpoch epoch, SigningKey site, HpkePrivateKey fresh, TurnKey turn)
    {
        if (FileOpener.Verify(message, take, epoch, site.Public).Refused(out var file, out var why)
            || FileOpener.Open(file, fresh, turn).Refused(out var content, out why))
        {
            return why;
        }

        using (content)
        {
            return content.Image.Expose().ToArray();
        }
    }

    public static Outcome<byte[]> Program(byte[] message, ChipId chip, HpkePrivateKey kem)
    {
        var reader = new CborReader(message);
        reader.Array(2, 2);
        var head = reader.Bytes(0, message.Length);
        var image = reader.Bytes(0, message.Length);
        reader.EndArray();
        if (reader.Finish() is { } malformed)
        {
            return malformed;
        }

        if (ProgramOpener.OpenHead(head, chip, kem).Refused(out var opened, out var why))
        {
            return why;
        }

        using (opened)
        {
            return Image(opened, image);
        }
    }

    private static Outcome<byte[]> Image(ProgramHead head, ReadOnlySpan<byte> image)
    {
        if (ImageOpener.JudgeSize(head, image.Length) is { } size)
        {
            return size;
        }

        if (ImageOpener.Begin(head, image[..BodyShape.HeaderSize]).Refused(out var opener, out var why))
        {
            return why;
        }

        using (opener)
        {
            var clear = new byte[head.ImageSize];
            return opener.OpenChunk(image[BodyShape.HeaderSize..], clear).Refused(out _, out why)
                || (why = opener.Finish()) is not null ? why : clear;
        }
    }

    public static Outcome<byte[]> Part(byte[] message, PartKey key, int before, bool last)
    {
        var refused = new Refusal(Reason.DamagedPackage, "not the block that was sealed here");
        var clear = new byte[message.Length < 2 ? 0 : message[0] | (message[1] << 8)];
        if (clear.Length == 0 || message.Length - 2 != PackageLayout.SealedSize(key.Suite, clear.Length))
        {
            return refused;
        }

        using var opener = new PartOpener(key);
        for (; before > 0; before--)
        {
            opener.TryOpen(message.AsSpan(2), last: false, clear);
        }

        return opener.TryOpen(message.AsSpan(2), last, clear) ? clear : refused;
    }

    public static Outcome<byte[]> Block(
        byte[] block, UnitKey unit, SerialNumber serial, OutstandingChallenge challenge, KeySlot slot)
    {
        if (DownloadOpener.Open(unit, serial, challenge, [slot], new ImportKey(block, slot.Ref2))
            .Refused(out var received, out var why))
        {
            return why;
        }

        using (received)
        {
            return received.Key.Expose().ToArray();
        }
    }

    public static Outcome<byte[]> Dump(byte[] dump, DumpingChip chip, HpkePrivateKey key)
    {
        using var content = new MemoryStream();
        return DumpOpener.Open(new MemoryStream(dump), [key], chip, (_, _) => content)
            .Refused(out var opened, out var why)
            ? why
            : opened.Signed is null
                ? new Refusal(Reason.UnfinishedDump, "nobody vouches for it")
                : content.ToArray();
    }
}
