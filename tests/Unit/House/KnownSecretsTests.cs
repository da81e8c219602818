using System.Text;

namespace Keywright.UnitTests.House;

/// <summary>The search for secrets finds them in whatever form they lie.</summary>
public class KnownSecretsTests
{
    private static readonly byte[] Secret = ProvisioningBench.Bytes("a secret", 32);
    private static readonly byte[] Noise = ProvisioningBench.Bytes("noise", 3000);
    private static readonly byte[] Turned = [.. Secret.Reverse()];

    public static readonly TheoryData<byte[]> Forms = new(
        Secret,
        Turned,
        Secret[..16],
        Secret[16..],
        Encoding.ASCII.GetBytes(Convert.ToHexString(Secret)),
        Encoding.ASCII.GetBytes(Convert.ToHexStringLower(Turned)),
        Encoding.Unicode.GetBytes(Convert.ToHexString(Secret)),
        Encoding.ASCII.GetBytes(Convert.ToBase64String(Secret)),
        Encoding.ASCII.GetBytes(Convert.ToBase64String([1, .. Secret])),
        Encoding.ASCII.GetBytes(Convert.ToBase64String([1, 2, .. Secret, 3])),
        Encoding.Unicode.GetBytes(Convert.ToBase64String([1, .. Turned]).Replace('+', '-').Replace('/', '_')));

    [Theory]
    [MemberData(nameof(Forms))]
    public void A_secret_is_found_in_every_form_and_anywhere(byte[] form)
    {
        var known = new KnownSecrets();
        known.Add("it", Secret);
        using var folder = new TemporaryFolder();
        foreach (var before in new[] { 0, 1, 2, 3, 2999 })
        {
            Assert.NotEmpty(known.FindIn([.. Noise.AsSpan(0, before), .. form, .. Noise]));
        }

        // Across the pieces in which a large file is read.
        var large = new byte[3 << 20];
        form.CopyTo(large, (1 << 20) + 250 - (form.Length / 2));
        form.CopyTo(large, (2 << 20) + 250);
        folder.Write("large", large);
        Assert.StartsWith("large: it", Assert.Single(known.FindInFolder(folder.PathTo(".")).Take(1)));
    }

    [Fact]
    public void What_is_not_there_is_not_found_and_what_may_be_there_is_passed_over()
    {
        var known = new KnownSecrets();
        known.Add("it", Secret);
        using var folder = new TemporaryFolder();
        folder.Write("noise", Noise);
        folder.Write("half", Secret.AsSpan(0, 15));
        folder.Write("secret", Secret);

        Assert.Empty(known.FindInFolder(folder.PathTo("."), name => name == "secret"));
        Assert.Throws<ArgumentOutOfRangeException>(() => known.Add("short", Secret.AsSpan(0, 15)));
        Assert.Throws<ArgumentOutOfRangeException>(() => known.Add("zeros", new byte[32]));
    }
}
