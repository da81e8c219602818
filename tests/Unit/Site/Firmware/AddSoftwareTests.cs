using Keywright.Protocol;
using Keywright.Protocol.Keys;
using Keywright.Storage.Sqlite.Firmware;

namespace Keywright.UnitTests.Site.Firmware;

public sealed class AddSoftwareTests : IDisposable
{
    private readonly DeliveryWorld world = new();

    [Fact]
    public void Programs_come_out_of_the_archive_from_any_offset()
    {
        var module = world.Publish(1, 200_000);
        world.Add.Add(module.Manifest, world.Owner.Public, module.Streams()).OrThrow();
        var archive = new SqliteSoftware(world.Database);
        var digest = module.Signed.Content.Programs[0].Hash;
        var part = new byte[70_000];
        foreach (var offset in new[] { 0, 1, 65_535, 65_536, 65_537, 129_999, 130_000 })
        {
            Assert.Equal(part.Length, archive.Read(digest, offset, part));
            Assert.Equal(module.Programs[0].AsSpan(offset, part.Length).ToArray(), part);
        }

        Assert.Equal(10, archive.Read(digest, 199_990, part));
        Assert.Equal(0, archive.Read(digest, 200_000, part));
        Assert.Single(archive.Of(DeliveryWorld.Product));
    }

    [Fact]
    public void What_is_not_as_its_manifest_says_is_not_listed()
    {
        var module = TestModule.Sign(world.Owner, 1, 1000);
        var changed = module.Programs[0].ToArray();
        changed[500] ^= 1;
        Refuses(Reason.BodyMismatch, module, world.Owner.Public, changed);
        Refuses(Reason.BodyMismatch, module, world.Owner.Public, module.Programs[0][..999]);
        Refuses(Reason.BodyMismatch, module, world.Owner.Public, [.. module.Programs[0], 0]);
        var stranger = SigningKey.Generate(new SeededEntropy(1)).Public;
        Refuses(Reason.ForeignModule, module, stranger, module.Programs[0]);
        var archive = new SqliteSoftware(world.Database);
        Assert.Empty(archive.Of(DeliveryWorld.Product));
        Assert.Null(archive.Find(module.Digest));
        Assert.Equal(0, archive.Read(module.Signed.Content.Programs[0].Hash, 0, new byte[10]));

        world.Add.Add(module.Manifest, world.Owner.Public, module.Streams()).OrThrow();
        Refuses(Reason.BodyMismatch, module, world.Owner.Public, changed);
        Assert.Equal(1000, archive.Read(module.Signed.Content.Programs[0].Hash, 0, new byte[1000]));
    }

    [Fact]
    public void An_owner_cannot_sign_what_no_device_could_read()
    {
        Assert.Equal(Reason.Malformed, Sign("App").Reason);
        Assert.Equal(Reason.TooLarge, Sign(new string('a', 33)).Reason);

        Refusal Sign(string name)
        {
            var plan = new Keywright.Owner.Firmware.ModulePlan
            {
                Sequence = 1,
                Product = DeliveryWorld.Product,
                Programs = [TestModule.Source(name, 1, 10)],
            };
            Assert.True(Keywright.Owner.Firmware.SignModule.Sign(plan, world.Owner)
                .Refused(out _, out var why));
            return why;
        }
    }

    public void Dispose() => world.Dispose();

    private void Refuses(Reason reason, TestModule module, PublicKey owner, byte[] program)
    {
        Assert.True(world.Add.Add(module.Manifest, owner, [new MemoryStream(program)])
            .Refused(out _, out var why));
        Assert.Equal(reason, why.Reason);
    }
}
