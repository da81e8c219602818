using Keywright.Protocol;
using Keywright.Protocol.Backup;
using Keywright.Protocol.Cose;
using Keywright.PublicDirectory.Backup;
using Keywright.UnitTests.PublicDirectory.Backup;

namespace Keywright.UnitTests.Device.Backup;

/// <summary>
/// A device of one product does not become one of another (docs/spec/backup.md §4.2, §7.2), whoever holds the issuing key of
/// another product of the same OEM: the chip knows its product from its nameplate.
/// </summary>
public sealed class ProductOfADeviceTests
{
    private readonly BackupParties parties = new();
    private readonly MemoryFiles files = new();

    [Fact]
    [Trait("Req", "K08")]
    public void A_device_that_knows_its_product_takes_no_certificate_for_another()
    {
        var life = new LifeOfAChip(parties, files).Personalised();
        Assert.NotNull(life.Execute("certify", AsBoiler(life)));
    }

    [Fact]
    [Trait("Req", "K08")]
    public void A_device_does_not_come_back_as_one_of_another_product()
    {
        var life = new LifeOfAChip(parties, files).Fielded();
        var boiler = parties.IssuerOf("boiler");
        life.Directory.Admit(parties.OrderKey.Public.Id, parties.OrderKey.Public.Bytes, boiler.Bytes).OrThrow();
        if (life.Execute("certify", AsBoiler(life)) is null)
        {
            life.PublishAndShow();
            life.WipeFlash();
            Assert.Null(life.Execute("recover", life.Recovery()));
        }

        var nameplate = life.Look(chip => chip.Journal.ReadAll("nameplate").OrThrow());
        Assert.Contains(BackupParties.Product, System.Text.Encoding.Latin1.GetString(nameplate));
    }

    private Keywright.Protocol.Commands.MemoryHost AsBoiler(LifeOfAChip life) =>
        life.Certification(life.OwnCertificate(own => own with { Product = "boiler" }))
            .With("issuer", parties.IssuerOf("boiler").Bytes);
}
