using Keywright.Protocol.Backup.Log;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Keys;

namespace Keywright.Protocol.Backup;

/// <summary>
/// S1&lt;issuer, OEM order key&gt;: which key issues identity certificates of a product, and which log proves
/// its backups (docs/spec/backup.md §2). A chip trusts it through H(order key) in its monotonic state.
/// </summary>
/// <param name="Issuing">The key that signs certificates.</param>
/// <param name="Product">What it issues for: 1–32 visible ASCII characters.</param>
/// <param name="Log">The verifier key of the directory's log, 1–320 ASCII characters.</param>
public sealed record Issuer(PublicKey Issuing, string Product, string Log) : IMessage<Issuer>
{
    private const int MaxLogBytes = 320;

    public static MessageType Type { get; } = new("issuer", Protection.Signature, 1024);

    /// <summary>The log's key; what was read or made is always one.</summary>
    public LogKey LogKey() => Protocol.Backup.Log.LogKey.Parse(Log).OrThrow();

    public static Issuer Read(ref CborReader reader)
    {
        reader.Map(4);
        reader.Version(1);
        reader.Key(1);
        var issuing = PublicKey.Read(ref reader);
        reader.Key(2);
        var product = ShortText.Read(ref reader);
        reader.Key(3);
        var log = reader.Text(1, MaxLogBytes);
        reader.EndMap();
        RequireLogKey(ref reader, log);
        return new Issuer(issuing, product, log);
    }

    public void Write(CborWriter writer) => writer.Map(4)
        .Key(0).UInt(1)
        .Key(1).Bytes(Issuing.Bytes)
        .Key(2).Text(Product)
        .Key(3).Text(Log);

    private static void RequireLogKey(ref CborReader reader, string log)
    {
        if (!reader.Failed && Protocol.Backup.Log.LogKey.Parse(log).Refused(out _, out var why))
        {
            reader.Refuse(why.Reason, why.Detail);
        }
    }
}
