using Keywright.Protocol;
using Keywright.Protocol.KeyDownload;

namespace Keywright.Owner.KeyDownload;

/// <summary>
/// The keys of a SAM, by deeds: T and the application keys never cross this port. Drivers: keys sealed by
/// this process (<see cref="SoftwareKeys"/>); tokens and smart cards take the same place.
/// </summary>
public interface ISamKeys
{
    /// <summary>
    /// Draws an application key of 16, 24 or 32 bytes. Gives what the SAM's records keep of it and hand back
    /// to <see cref="Seal"/>: the sealed key, or a token's name for it.
    /// </summary>
    byte[] Draw(uint ref1, int version, int sizeBytes);

    /// <summary>DATA for a request that has been judged. T_SN and T1 exist for this one call.</summary>
    byte[] Seal(ExportKey request, ApplicationKeyRecord record, ReadOnlyMemory<byte> kept);

    /// <summary>
    /// Judges the acknowledgement of a download that was exported. Refusals: BadAcknowledgement.
    /// </summary>
    Outcome<Acknowledgement> Check(Acknowledgement answer, ExportKey request, Digest data);
}
