using System.Net.Sockets;
using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.TestSupport;

namespace Keywright.UnitTests.Chips;

public sealed class ChipHostTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("keywright-host-").FullName;
    private readonly CancellationTokenSource stop = new();
    private readonly SoftChip silicon = TestChips.Make();
    private readonly Task serving;

    public ChipHostTests()
    {
        using var ready = new ManualResetEventSlim();
        serving = Task.Factory.StartNew(
            () => new ChipHost(silicon, SocketPath).Serve(stop.Token, ready.Set),
            TaskCreationOptions.LongRunning);
        Assert.True(ready.Wait(TimeSpan.FromSeconds(30)));
    }

    private string SocketPath => Path.Combine(folder, "chip.sock");

    public void Dispose()
    {
        stop.Cancel();
        serving.Wait();
        stop.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void Commands_refusals_and_outputs_cross_the_socket()
    {
        using var chip = SocketChip.Connect(SocketPath);
        var host = new MemoryHost();

        Assert.Null(chip.Execute("identify", host));
        Assert.Equal(silicon.Immutable.ChipId, ChipFacts.Parse(host.Emitted("facts")).OrThrow().ChipId);
        Assert.Equal(Reason.UnknownCommand, chip.Execute("nonsense", host)?.Reason);
        Assert.Null(chip.Execute("identify", new MemoryHost()));
    }

    [Fact]
    public void One_client_after_the_other_is_served()
    {
        for (var i = 0; i < 3; i++)
        {
            using var chip = SocketChip.Connect(SocketPath);
            Assert.Null(chip.Execute("identify", new MemoryHost()));
        }

        Assert.Equal(1ul, silicon.Monotonic.State.Boots);
    }

    [Theory]
    [InlineData("00000000")]
    [InlineData("FFFFFFFF")]
    [InlineData("0000000181")]
    [InlineData("00000003820201")]
    [InlineData("0000000A8200686964656E746966")]
    public void A_client_that_breaks_the_frames_is_hung_up_on_and_the_next_one_is_served(string hex)
    {
        using (var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            socket.Connect(new UnixDomainSocketEndPoint(SocketPath));
            socket.Send(Convert.FromHexString(hex));
            socket.Shutdown(SocketShutdown.Send);
            Assert.Equal(0, socket.Receive(new byte[16]));
        }

        using var chip = SocketChip.Connect(SocketPath);
        Assert.Null(chip.Execute("identify", new MemoryHost()));
        Assert.Equal(2ul, silicon.Monotonic.State.Boots);
    }

    [Fact]
    public void A_socket_that_nobody_serves_is_a_fault()
    {
        Assert.Throws<IOException>(() => SocketChip.Connect(Path.Combine(folder, "nobody.sock")));
    }

    [Fact]
    public async Task A_host_that_goes_away_is_a_fault_for_its_client()
    {
        using var chip = SocketChip.Connect(SocketPath);
        Assert.Null(chip.Execute("identify", new MemoryHost()));
        await stop.CancelAsync();
        await serving;

        Assert.Throws<IOException>(() => chip.Execute("identify", new MemoryHost()));
    }
}
