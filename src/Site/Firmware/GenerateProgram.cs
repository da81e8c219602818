using Keywright.Protocol;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Images;

namespace Keywright.Site.Firmware;

/// <summary>
/// The program generator with the archive behind it: the program file of one device (requirement T03).
/// </summary>
internal sealed class GenerateProgram(IBootloaderArchive archive)
{
    /// <summary>
    /// Puts IDs and key into the bootloader's zones. The caller disposes what it gets. Refusals: those of
    /// <see cref="PatchZones"/>, TooLarge.
    /// </summary>
    public Outcome<ProgramContent> For(
        BootloaderEntry bootloader, IReadOnlyList<DeviceId> devices, DeviceKey key)
    {
        var format = bootloader.Encoding.Format;
        var plan = ZonePlanFile.Read(archive.Read(bootloader.Plan)).OrThrow();
        var blank = format.Read(archive.Read(bootloader.Image)).OrThrow();
        if (PatchZones.Apply(blank, plan, devices, [key]).Refused(out var patched, out var misfit))
        {
            return misfit;
        }

        using (patched)
        {
            if (format.Write(patched).Refused(out var file, out var why))
            {
                return why;
            }

            if (file.Length > SealedFile.MaxImageBytes)
            {
                file.Dispose();
                return new Refusal(Reason.TooLarge, $"a program of {file.Length} bytes");
            }

            return new ProgramContent
            {
                Kid = ProgramContent.FirstKid,
                Key = DeviceKey.FromBytes(key.Expose()),
                Devices = devices,
                Product = bootloader.Product,
                DeviceType = bootloader.DeviceType,
                Encoding = bootloader.Encoding,
                Image = file,
            };
        }
    }
}
