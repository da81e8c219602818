using Keywright.Owner.Backup;
using Keywright.Protocol;
using Keywright.Protocol.Backup;
using Keywright.TestSupport;

namespace Keywright.UnitTests.Owner.Backup;

public class SignIssuerTests
{
    private readonly BackupParties parties = new();

    [Fact]
    [Trait("Req", "K05")]
    public void An_issuer_leads_from_the_order_key_to_the_issuing_key_and_the_log()
    {
        var issuer = SignIssuer
            .Run(parties.IssuingKey.Public, "kettle", parties.LogKey, parties.OrderKey).OrThrow();

        var key = parties.OrderKey.Public;
        var chain = CertificateChain.Judge(key.Id, key.Bytes, issuer.Bytes).OrThrow();
        Assert.Equal(parties.IssuingKey.Public, chain.Issuer.Content.Issuing);
        Assert.Equal("kettle", chain.Issuer.Content.Product);
        Assert.Equal(parties.LogKey.ToString(), chain.Issuer.Content.Log);
    }

    [Theory]
    [InlineData("", Reason.Malformed)]
    [InlineData("a name of more than 32 characters", Reason.TooLarge)]
    [InlineData("tab\tbed", Reason.Malformed)]
    public void A_product_that_no_chip_would_read_is_not_signed(string product, Reason reason)
    {
        var signed = SignIssuer.Run(parties.IssuingKey.Public, product, parties.LogKey, parties.OrderKey);
        Assert.True(signed.Refused(out _, out var why));
        Assert.Equal(reason, why.Reason);
    }
}
