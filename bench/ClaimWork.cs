using Keywright.Protocol;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Keys;
using Keywright.Site.Firmware;

namespace Keywright.Bench;

/// <summary>What a site does with every claim before its one conditional write: parse, MAC, judgement.</summary>
internal static class ClaimWork
{
    public static Row Row()
    {
        var entropy = new DrawnBytes();
        var device = DeviceKey.FromBytes(entropy.Draw(DeviceKey.Size));
        var key = DeliveryKeys.Claim(device);
        var prev = Digest.Of([1]);
        var claim = new Claim
        {
            Device = DeviceId.Parse("356938035643809").OrThrow(),
            Kid = 1,
            Number = 2,
            Prev = prev,
            Product = "thermostat",
            Installed = [new Installed(Digest.Of([2]), "main", 7, "1.7.0", Digest.Of([3]))],
            Nonce = entropy.Draw(Claim.NonceSize),
        };
        var message = Message.Mac(claim, key).Bytes;
        var record = new DeliveryRecord { Chip = ChipIdOf(entropy), Revision = 3, Next = 2, Prev = prev };
        return new Row(
            $"Claim ({message.Length} bytes): parse, MAC, judge", Unit.Operations, 1,
            () => Judge(message, key, record), null)
        {
            AimRate = 400_000,
        };
    }

    private static void Judge(ReadOnlyMemory<byte> message, MacKey key, DeliveryRecord record)
    {
        var claim = Message.Parse<Claim>(message).OrThrow().VerifyMac(key).OrThrow();
        if (JudgeClaim.Judge(record, claim, null) is not ClaimVerdict.Answer)
        {
            throw new InvalidOperationException("an honest claim was not answered");
        }
    }

    private static ChipId ChipIdOf(DrawnBytes entropy) => ChipId.FromRandom(entropy.Draw(16));
}
