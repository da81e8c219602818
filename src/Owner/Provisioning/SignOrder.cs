using Keywright.Protocol;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Provisioning;

namespace Keywright.Owner.Provisioning;

/// <summary>
/// The OEM signs an order over packages that are sealed already (docs/spec/provisioning.md §7).
/// </summary>
public static class SignOrder
{
    /// <summary>
    /// Refusals: Malformed, TooLarge (a field that no reader would take), WrongOwner (a package of another
    /// OEM), WrongFamily, ForeignPackage (of another mode), and those of a package's header.
    /// </summary>
    public static Outcome<Verified<Order>> Run(
        Order order, IReadOnlyList<ReadOnlyMemory<byte>> packages, SigningKey orderKey)
    {
        var digests = new List<Digest>();
        foreach (var package in packages)
        {
            if (PackageDigest.ParseHeader(package.Span).Refused(out var header, out var why)
                || PackageDigest.Of(package.Span).Refused(out var digest, out why))
            {
                return why;
            }

            if (header.Oem != orderKey.Public.Id)
            {
                return new Refusal(Reason.WrongOwner, $"package {digest} was sealed for another order key");
            }

            if (header.Family != order.Family)
            {
                return new Refusal(Reason.WrongFamily, $"package {digest} is for {header.Family}");
            }

            if (header.Mode != order.Mode)
            {
                return new Refusal(
                    Reason.ForeignPackage,
                    $"package {digest} is in {header.Mode} mode, the order in {order.Mode} mode");
            }

            digests.Add(digest);
        }

        var signed = Message.Sign(order with { Packages = digests }, orderKey);
        return Message.Parse<Order>(signed.Bytes).Refused(out _, out var malformed) ? malformed : signed;
    }
}
