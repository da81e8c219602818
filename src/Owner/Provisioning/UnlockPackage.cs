using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Provisioning;

namespace Keywright.Owner.Provisioning;

/// <summary>
/// The OEM makes what opens a sealed package (docs/spec/provisioning.md §4.5), in a provisioning chip and with the
/// two halves out of its safe: one unlock for the whole family, or one for each named chip, as the package's
/// header says. The chip makes none that does not open this package.
/// </summary>
public static class UnlockPackage
{
    /// <summary>
    /// The unlock for every chip of the family. Refusals: those of <see cref="SignedProgram.Verify"/> and of the
    /// chip, which come back as they are.
    /// </summary>
    public static Outcome<byte[]> ForFamily(
        IChip chip,
        ReadOnlyMemory<byte> program,
        PublicKey chipMaker,
        ReadOnlyMemory<byte> package,
        Keeps keeps) =>
        SignedProgram.Verify(program, chipMaker).Refused(out _, out var untrusted)
            ? untrusted
            : Made(chip, Inputs("unlock-family"u8, program, package, keeps));

    /// <summary>
    /// The unlock for one chip of a list that the chip maker signed. The provisioning chip verifies the list
    /// itself, so that whoever holds this machine names no key of his own. Refusals as above, and
    /// UnlockMismatch, BadSignature, WrongFamily, BadProof.
    /// </summary>
    public static Outcome<byte[]> ForChip(
        IChip chip,
        ReadOnlyMemory<byte> program,
        PublicKey chipMaker,
        ReadOnlyMemory<byte> package,
        Keeps keeps,
        ReadOnlyMemory<byte> list,
        ListedChip named) =>
        SignedProgram.Verify(program, chipMaker).Refused(out _, out var untrusted)
            ? untrusted
            : Made(chip, Inputs("unlock-for-chip"u8, program, package, keeps)
                .With("list", list)
                .With("leaf", named.ToArray()));

    private static Outcome<byte[]> Made(IChip chip, MemoryHost host) =>
        chip.Execute("provisioning", host) is { } refusal ? refusal : host.Emitted("unlock");

    private static MemoryHost Inputs(
        ReadOnlySpan<byte> command, ReadOnlyMemory<byte> program, ReadOnlyMemory<byte> package, Keeps keeps) =>
        new MemoryHost()
            .With("program", program)
            .With("command", command.ToArray())
            .With("package", package)
            .With("keep-input", keeps.Input)
            .With("keep-share", keeps.Share);
}
