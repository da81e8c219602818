using Keywright.Protocol.Commands;

namespace Keywright.UnitTests.Protocol;

public class MemoryHostTests
{
    [Fact]
    public void A_chip_cannot_emit_more_than_its_host_takes()
    {
        var host = new MemoryHost(maxOutputBytes: 10);
        host.Emit("a", new byte[6]);
        host.Emit("b", new byte[4]);

        Assert.Throws<OutputTooLargeException>(() => host.Emit("a", new byte[1]));
        Assert.Equal((6, 4), (host.Emitted("a").Length, host.Emitted("b").Length));
    }

    [Fact]
    public void A_chip_cannot_emit_under_more_names_than_its_host_takes()
    {
        var host = new MemoryHost();
        for (var i = 0; i < MemoryHost.MaxOutputs; i++)
        {
            host.Emit($"{i}", []);
        }

        host.Emit("0", []);
        Assert.Throws<OutputTooLargeException>(() => host.Emit("one more", []));
    }
}
