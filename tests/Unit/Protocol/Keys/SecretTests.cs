using System.Runtime.InteropServices;
using Keywright.Protocol.Keys;

namespace Keywright.UnitTests.Protocol.Keys;

public class SecretTests
{
    private static readonly byte[] Bytes = [0x41, 0x42, 0x43, 0x44];

    [Fact]
    public void A_secret_prints_its_kind_and_nothing_of_its_bytes()
    {
        using var secret = new SampleKey(Bytes);

        Assert.Equal("SampleKey (4 bytes, not shown)", $"{secret}");
    }

    [Fact]
    public void A_disposed_secret_is_wiped_and_cannot_be_reached()
    {
        var secret = new SampleKey(Bytes);
        var inside = MemoryMarshal.CreateReadOnlySpan(in MemoryMarshal.GetReference(secret.Expose()), 4);
        Assert.Equal(Bytes, inside);

        secret.Dispose();

        Assert.Equal(new byte[4], inside);
        Assert.Throws<ObjectDisposedException>(() => secret.Expose().Length);
    }

    [Fact]
    public void A_secret_keeps_its_own_copy()
    {
        var source = Bytes.ToArray();
        using var secret = new SampleKey(source);

        Array.Clear(source);

        Assert.Equal(Bytes, secret.Expose());
    }

    [Fact]
    public void Secrets_are_not_compared()
    {
        using var one = new SampleKey(Bytes);
        using var other = new SampleKey(Bytes);

        Assert.Throws<NotSupportedException>(() => one.Equals(other));
        Assert.Throws<NotSupportedException>(() => one.GetHashCode());
    }

    private sealed class SampleKey(ReadOnlySpan<byte> bytes) : Secret(bytes);
}
