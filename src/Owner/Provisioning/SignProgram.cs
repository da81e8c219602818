using Keywright.Protocol;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Provisioning;

namespace Keywright.Owner.Provisioning;

/// <summary>
/// The chip maker signs a provisioning program (docs/spec/provisioning.md §2), once it is proven to confine
/// its secrets.
/// </summary>
public static class SignProgram
{
    /// <summary>Refusals: UnconfinedProgram, TooLarge.</summary>
    public static Outcome<Verified<ProvisioningProgram>> Run(
        ProvisioningProgram program, SigningKey chipMaker) =>
        SignedProgram.Verify(Message.Sign(program, chipMaker).Bytes, chipMaker.Public);
}
