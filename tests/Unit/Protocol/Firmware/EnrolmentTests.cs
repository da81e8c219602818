using Keywright.Protocol;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Opening.Firmware;
using Keywright.Protocol.Sealing.Firmware;

namespace Keywright.UnitTests.Protocol.Firmware;

public sealed class EnrolmentTests
{
    private static readonly SigningKey Site = SigningKey.Generate(new SeededEntropy(1));
    private static readonly HpkePrivateKey Station = HpkePrivateKey.Generate(new SeededEntropy(2));
    private static readonly SiteEpoch Epoch = new([.. Enumerable.Range(1, 16).Select(i => (byte)i)]);

    [Fact]
    public void A_station_finds_in_its_enrolment_what_the_site_put_there()
    {
        using var secrets = StationSecrets.Draw(new SeededEntropy(3));
        var bytes = Seal(secrets);
        var enrolment = EnrolmentOpener.Verify(bytes, Site.Public).OrThrow();
        var said = enrolment.Content;
        Assert.Equal(("line-1", "north", Epoch, 0u), (said.Station, said.Factory, said.Epoch, said.Turn));

        using var opened = EnrolmentOpener.Open(enrolment, Station).OrThrow();
        Assert.Equal(secrets.Generator.Expose(), opened.Generator.Expose());
        Assert.Equal(secrets.TakeKey.Expose(), opened.TakeKey.Expose());
    }

    [Fact]
    public void The_secrets_that_are_drawn_are_two_and_never_the_same()
    {
        var entropy = new SeededEntropy(3);
        using var one = StationSecrets.Draw(entropy);
        using var other = StationSecrets.Draw(entropy);
        var drawn = new[] { one.Generator, (Secret)one.TakeKey, other.Generator, other.TakeKey, new Zeros() }
            .Select(secret => Convert.ToHexString(secret.Expose()));
        Assert.Equal(5, drawn.Distinct().Count());
    }

    [Fact]
    public void An_enrolment_by_another_site_or_for_another_station_is_refused()
    {
        using var secrets = StationSecrets.Draw(new SeededEntropy(3));
        var bytes = Seal(secrets);
        using var other = SigningKey.Generate(new SeededEntropy(4));
        using var stranger = HpkePrivateKey.Generate(new SeededEntropy(5));
        Assert.True(EnrolmentOpener.Verify(bytes, other.Public).Refused(out _, out var why));
        Assert.Equal(Reason.BadSignature, why.Reason);
        var verified = EnrolmentOpener.Verify(bytes, Site.Public).OrThrow();
        Assert.True(EnrolmentOpener.Open(verified, stranger).Refused(out _, out why));
        Assert.Equal(Reason.NotTheRecipient, why.Reason);
    }

    private static ReadOnlyMemory<byte> Seal(StationSecrets secrets) => EnrolmentSealer.Seal(
        "line-1", "north", Epoch, secrets, Station.Public, Site, new SeededEntropy(6)).Bytes;

    private sealed class Zeros() : Secret(new byte[32]);
}
