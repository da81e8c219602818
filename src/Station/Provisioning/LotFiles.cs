using System.Text;
using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Provisioning;

namespace Keywright.Station.Provisioning;

/// <summary>
/// What a factory is handed for a lot: the chip maker's program, the OEM's package, unlocks and order, and the
/// key that the order is verified with. None of it is secret to anybody without a chip of the family. Parsed
/// means: these belong together.
/// </summary>
public sealed class LotFiles
{
    private readonly ReadOnlyMemory<byte> program;
    private readonly ReadOnlyMemory<byte> package;
    private readonly LotUnlocks unlocks;
    private readonly PublicKey orderKey;

    private LotFiles(
        ReadOnlyMemory<byte> program,
        ReadOnlyMemory<byte> package,
        LotUnlocks unlocks,
        Verified<Order> order,
        PublicKey orderKey)
    {
        this.program = program;
        this.package = package;
        this.unlocks = unlocks;
        this.orderKey = orderKey;
        Order = order;
    }

    public Verified<Order> Order { get; }

    /// <summary>
    /// Verifies what a station can verify, before the first chip sees it; the chips verify all of it again.
    /// Refusals: those of <see cref="SignedProgram.Verify"/>, of a package's header and of any message,
    /// WrongOwner, WrongFamily, WrongEpoch, ForeignPackage, UnlockMismatch (unlocks of the other mode).
    /// </summary>
    public static Outcome<LotFiles> Parse(
        ReadOnlyMemory<byte> program,
        ReadOnlyMemory<byte> package,
        LotUnlocks unlocks,
        ReadOnlyMemory<byte> order,
        PublicKey orderKey,
        PublicKey chipMaker)
    {
        if (SignedProgram.Verify(program, chipMaker).Refused(out var verifiedProgram, out var why)
            || PackageDigest.ParseHeader(package.Span).Refused(out var header, out why)
            || PackageDigest.Of(package.Span).Refused(out var digest, out why)
            || Message.Parse<Order>(order).Refused(out var parsed, out why)
            || parsed.VerifySignature(orderKey).Refused(out var verifiedOrder, out why))
        {
            return why;
        }

        return (FaultOf(verifiedProgram.Content, header, verifiedOrder.Content, orderKey, digest)
            ?? FaultOf(header, verifiedOrder.Content, unlocks)) is { } fault
            ? fault
            : new LotFiles(program, package, unlocks, verifiedOrder, orderKey);
    }

    /// <summary>Whether there is an unlock for this chip. May throw <see cref="IOException"/>.</summary>
    public bool HasUnlockFor(ChipId chip) => unlocks.For(chip) is not null;

    /// <summary>
    /// The inputs of one chip's provisioning; without an unlock when none is for it. May throw <see
    /// cref="IOException"/>.
    /// </summary>
    public MemoryHost InputsOf(ChipId chip)
    {
        var inputs = new MemoryHost()
            .With("program", program)
            .With("command", Encoding.UTF8.GetBytes(ProvisioningProgram.CommandFor(unlocks.Mode)))
            .With("package", package)
            .With("order", Order.Bytes)
            .With("order-key", orderKey.Bytes.ToArray());
        return unlocks.For(chip) is { } unlock ? inputs.With("unlock", unlock) : inputs;
    }

    private static Refusal? FaultOf(
        ProvisioningProgram program, PackageHeader header, Order order, PublicKey orderKey, Digest digest) =>
        header.Oem != orderKey.Id
            ? new Refusal(Reason.WrongOwner, "the package is of another OEM than the order") :
        header.Family != program.Family || order.Family != program.Family
            ? new Refusal(Reason.WrongFamily,
                $"program for {program.Family}, package for {header.Family}, order for {order.Family}") :
        header.Epoch != program.Epoch
            ? new Refusal(
                Reason.WrongEpoch, $"a program of epoch {program.Epoch}, a package of epoch {header.Epoch}") :
        !order.Packages.Contains(digest)
            ? new Refusal(Reason.ForeignPackage, $"the order does not list package {digest}") :
        null;

    private static Refusal? FaultOf(PackageHeader header, Order order, LotUnlocks unlocks) =>
        order.Mode != header.Mode
            ? new Refusal(
                Reason.ForeignPackage, $"an order in {order.Mode} mode, a package in {header.Mode} mode") :
        unlocks.Mode != header.Mode
            ? new Refusal(
                Reason.UnlockMismatch,
                $"a package in {header.Mode} mode, unlocks for {unlocks.Mode} mode") :
        null;
}
