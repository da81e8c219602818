using Keywright.Protocol.Cose;
using Keywright.Protocol.Keys;

namespace Keywright.Protocol.Provisioning;

/// <summary>
/// What everyone does who is handed a provisioning program: OEM, factory, and the chip before it runs it.
/// </summary>
public static class SignedProgram
{
    /// <summary>
    /// Verifies the chip maker's signature, then that the program confines its secrets. Refusals: those of
    /// any message, BadSignature, UnconfinedProgram.
    /// </summary>
    public static Outcome<Verified<ProvisioningProgram>> Verify(
        ReadOnlyMemory<byte> program, PublicKey chipMaker)
    {
        if (Message.Parse<ProvisioningProgram>(program).Refused(out var parsed, out var malformed))
        {
            return malformed;
        }

        if (parsed.VerifySignature(chipMaker).Refused(out var verified, out var forged))
        {
            return forged;
        }

        return ProgramChecker.Check(verified.Content) is { } unconfined ? unconfined : verified;
    }
}
