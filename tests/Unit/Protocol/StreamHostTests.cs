using System.IO.Pipes;
using Keywright.Protocol.Commands;

namespace Keywright.UnitTests.Protocol;

public sealed class StreamHostTests
{
    [Fact]
    public void A_file_is_read_anywhere_and_says_its_size()
    {
        var host = new StreamHost().With("content", new byte[] { 1, 2, 3 });
        Span<byte> buffer = stackalloc byte[4];
        Assert.Equal(3, host.SizeOf("content"));
        Assert.Equal(1, host.Read("content", 2, buffer));
        Assert.Equal(3, buffer[0]);
        Assert.Equal(3, host.Read("content", 0, buffer));
        Assert.Equal(0, host.Read("content", 3, buffer));
    }

    [Fact]
    public void A_pipe_does_not_know_its_size_and_is_read_once_in_order()
    {
        using var writer = new AnonymousPipeServerStream(PipeDirection.Out);
        using var reader = new AnonymousPipeClientStream(PipeDirection.In, writer.ClientSafePipeHandle);
        writer.Write([1, 2, 3]);
        writer.Dispose();
        var host = new StreamHost().With("content", reader);
        var buffer = new byte[2];
        Assert.Equal(long.MaxValue, host.SizeOf("content"));
        Assert.Equal(2, host.Read("content", 0, buffer));
        Assert.Throws<InvalidOperationException>(() => host.Read("content", 0, buffer));
        Assert.Equal(1, host.Read("content", 2, buffer));
        Assert.Equal(0, host.Read("content", 3, buffer));
    }

    [Fact]
    public void What_is_not_there_has_no_size_and_what_nobody_takes_is_dropped()
    {
        var output = new MemoryStream();
        var host = new StreamHost().To("dump", output);
        Assert.Equal(-1, host.SizeOf("content"));
        Assert.Equal(0, host.Read("content", 0, new byte[1]));
        host.Emit("dump", [1]);
        host.Emit("receipt", [2]);
        Assert.Equal([1], output.ToArray());
    }
}
