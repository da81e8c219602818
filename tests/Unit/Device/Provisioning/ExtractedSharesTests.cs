using System.Security.Cryptography;
using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Protocol;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Opening;
using Keywright.Protocol.Provisioning;

namespace Keywright.UnitTests.Device.Provisioning;

/// <summary>
/// Somebody has read all that the chips of a family have in common out of one of them, and holds everything that
/// the factory carries. He derives by hand (docs/spec/provisioning.md §4.3); K_MK is his when it makes the tag.
/// </summary>
[Trait("Req", "P15")]
public sealed class ExtractedSharesTests
{
    // What he opened up is a chip of this family, and one that nobody named.
    private static readonly SoftChip Extracted = TestChips.Make(666);
    private static readonly (byte[][] Shares, byte[] OemShare, byte[] MasterShare) Common = TestChips.FamilySecrets();
    private static readonly SoftChip Named = TestChips.Make(1);

    [Fact]
    public void They_open_a_package_for_the_family()
    {
        var bench = new ProvisioningBench();

        Assert.True(IsMasterKeyOf(bench, Unwrapped(bench, bench.Unlock)!));
    }

    [Fact]
    public void They_open_no_package_for_named_chips_until_one_of_these_is_opened_up_too()
    {
        var bench = new ProvisioningBench(mode: PackageMode.Chip);
        var unlock = new NamedBench(bench, Named, TestChips.Make(2)).UnlockFor(Named);

        Assert.Null(Unwrapped(bench, unlock));
        Assert.Null(Opened(bench, unlock, Extracted));
        foreach (var common in CommonSecrets())
        {
            Assert.False(IsMasterKeyOf(bench, common));
        }

        Assert.True(IsMasterKeyOf(bench, Opened(bench, unlock, Named)!));
    }

    private static byte[]? Unwrapped(ProvisioningBench bench, byte[] unlock)
    {
        var kek = new byte[32];
        Kdf.Derive(
            OfEpoch(Common.OemShare), "unlock", CborItem.Array(Header(bench).Hash), kek);
        using var aes = Aes.Create();
        aes.SetKey(kek);
        var wrapped = Sealed(unlock);
        try
        {
            return aes.DecryptKeyWrapPadded(wrapped.AsSpan(0, wrapped.Length / 8 * 8));
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static byte[]? Opened(ProvisioningBench bench, byte[] unlock, SoftChip by)
    {
        using var state = ChipState.Boot(by.Snapshot());
        var info = CborItem.Array("provisioning", 1, "chip unlock", Header(bench).Hash, Named.Immutable.ChipId);
        return HpkeOpener.Open(Sealed(unlock), info, state.Keys.Kem, 32).Refused(out var share, out _) ? null : share;
    }

    /// <summary>All that stands in the immutable memory of every chip, as it is and as the epoch shows it.</summary>
    private static IEnumerable<byte[]> CommonSecrets()
    {
        byte[][] all = [.. Common.Shares, Common.OemShare, Common.MasterShare];
        return all.SelectMany(secret => new[] { secret, OfEpoch(secret) });
    }

    private static bool IsMasterKeyOf(ProvisioningBench bench, byte[] oemShare)
    {
        var shares = Common.Shares;
        var (master, auth, tag) = (new byte[32], new byte[32], new byte[16]);
        Kdf.Extract(
            "master",
            CborItem.Array(TestChips.Family, shares.Length, oemShare, OfEpoch(shares[0]), OfEpoch(shares[1])),
            master);
        Kdf.Derive(master, "auth", CborItem.Array(Header(bench).Package), auth);
        AesCmac.Compute(auth, P(bench).ToArray(), tag);
        return bench.Sealed.Package.AsSpan().EndsWith(tag);
    }

    private static Digest P(ProvisioningBench bench)
    {
        var (header, package) = (Header(bench), bench.Sealed.Package);
        using var digest = new PackageDigest();
        for (var i = 0; i < header.Assets.Count; i++)
        {
            digest.Append(package.AsSpan(
                (int)PackageLayout.PartOffset(header, i), (int)PackageLayout.PartSize(header, header.Assets[i])));
            digest.EndPart();
        }

        return digest.Finish(header.Hash);
    }

    private static byte[] Sealed(byte[] unlock)
    {
        var reader = new CborReader(unlock);
        reader.Array(3, 3);
        reader.UInt32();
        if (reader.NextMajor == 3)
        {
            reader.Text();
        }
        else
        {
            reader.Bytes();
        }

        return reader.Bytes().ToArray();
    }

    private static PackageHeader Header(ProvisioningBench bench) =>
        PackageDigest.ParseHeader(bench.Sealed.Package).OrThrow();

    private static byte[] OfEpoch(byte[] share)
    {
        var ofEpoch = new byte[32];
        Kdf.Derive(share, "epoch", CborItem.Array(ProvisioningBench.Epoch), ofEpoch);
        return ofEpoch;
    }
}
