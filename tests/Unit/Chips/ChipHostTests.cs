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
        serving = Serve(new ChipHost(silicon, SocketPath));
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
        Assert.Equal(1ul, silicon.Monotonic.State.Boots);
    }

    [Fact]
    public void A_client_that_hangs_up_within_a_command_costs_one_boot()
    {
        using (var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            socket.Connect(new UnixDomainSocketEndPoint(SocketPath));
            socket.Send([0, 0, 0, 15, 0x82, 0x00, 0x6C, .. "provisioning"u8]);
            Assert.True(socket.Receive(new byte[4]) > 0);
        }

        using var chip = SocketChip.Connect(SocketPath);
        Assert.Null(chip.Execute("identify", new MemoryHost()));
        Assert.Equal(2ul, silicon.Monotonic.State.Boots);
    }

    [Fact]
    public async Task A_client_that_says_nothing_is_hung_up_on_and_the_next_one_is_served()
    {
        var other = TestChips.Make(2);
        var path = Path.Combine(folder, "impatient.sock");
        var host = Serve(new ChipHost(other, path, TimeSpan.FromMilliseconds(50)));
        using (var silent = SocketChip.Connect(path))
        using (var chip = SocketChip.Connect(path))
        {
            Assert.Null(chip.Execute("identify", new MemoryHost()));
            Assert.Throws<ChipConnectionException>(() => silent.Execute("identify", new MemoryHost()));
        }

        await stop.CancelAsync();
        await host;
        Assert.Equal(1ul, other.Monotonic.State.Boots);
    }

    [Fact]
    public async Task A_fault_of_the_silicon_ends_the_serving_and_is_not_taken_for_a_lost_client()
    {
        var faulty = new FaultySilicon(TestChips.Make(3));
        var path = Path.Combine(folder, "faulty.sock");
        var host = Serve(new ChipHost(faulty, path));
        using var chip = SocketChip.Connect(path);

        Assert.Throws<ChipConnectionException>(() => chip.Execute("identify", new MemoryHost()));

        var fault = await Assert.ThrowsAsync<IOException>(() => host);
        Assert.Equal("No space left on device.", fault.Message);
        Assert.Equal(1ul, faulty.Monotonic.State.Boots);
    }

    [Fact]
    public void A_fault_of_the_clients_own_host_closes_the_connection_and_no_verdict_is_mistaken()
    {
        using (var chip = SocketChip.Connect(SocketPath))
        {
            Assert.Throws<OutputTooLargeException>(() => chip.Execute("identify", new MemoryHost(10)));
            Assert.Throws<ChipConnectionException>(() => chip.Execute("nonsense", new MemoryHost()));
        }

        using var again = SocketChip.Connect(SocketPath);
        Assert.Equal(Reason.UnknownCommand, again.Execute("nonsense", new MemoryHost())?.Reason);
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

        Assert.Throws<ChipConnectionException>(() => chip.Execute("identify", new MemoryHost()));
    }

    private Task Serve(ChipHost host)
    {
        using var ready = new ManualResetEventSlim();
        var served = Task.Factory.StartNew(
            () => host.Serve(stop.Token, ready.Set), TaskCreationOptions.LongRunning);
        Assert.True(ready.Wait(TimeSpan.FromSeconds(30)));
        return served;
    }

    /// <summary>A die whose disk is full as soon as its identity is asked for.</summary>
    private sealed class FaultySilicon(SoftChip inner) : ISilicon
    {
        public ImmutableMemory Immutable => inner.Immutable;

        public IFlash Flash => inner.Flash;

        public IMonotonic Monotonic => inner.Monotonic;

        public void Noise(Span<byte> destination) => inner.Noise(destination);

        public void Derive(string name, Span<byte> destination)
        {
            if (name == "identity")
            {
                throw new IOException("No space left on device.");
            }

            inner.Derive(name, destination);
        }
    }
}
