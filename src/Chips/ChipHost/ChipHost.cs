using System.Net.Sockets;
using Keywright.Device.Chip;
using Keywright.Protocol.Commands;

namespace Keywright.Chips;

/// <summary>
/// Serves one chip on a Unix domain socket (docs/spec/chip.md §12), one connection after the other and one
/// command at a time. A connection that breaks within a command ends that command, and the chip boots again,
/// as after a reset; one that breaks elsewhere is closed and costs the chip nothing. Power is lost only when
/// the process dies. A fault of the silicon ends the serving: it is no client's fault.
/// </summary>
/// <param name="silicon">The chip.</param>
/// <param name="socketPath">Where it is served.</param>
/// <param name="patience">
/// How long a client may neither send nor take anything before it is hung up on; five minutes unless said.
/// </param>
public sealed class ChipHost(ISilicon silicon, string socketPath, TimeSpan? patience = null)
{
    private const int Backlog = 16;

    private readonly int patienceMs = (int)(patience ?? TimeSpan.FromMinutes(5)).TotalMilliseconds;

    /// <summary>
    /// Boots the chip and serves it until <paramref name="stop"/>; tells when connections are taken.
    /// </summary>
    public void Serve(CancellationToken stop, Action? ready = null)
    {
        File.Delete(socketPath);
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        var device = BootedDevice.Boot(silicon);
        try
        {
            listener.Bind(new UnixDomainSocketEndPoint(socketPath));
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(socketPath, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }

            listener.Listen(Backlog);
            ready?.Invoke();
            while (Accept(listener, stop) is { } socket)
            {
                (socket.ReceiveTimeout, socket.SendTimeout) = (patienceMs, patienceMs);
                using var hangUp = stop.Register(socket.Dispose);
                using var connection = new ChipConnection(socket);
                if (!Converse(device, connection))
                {
                    device.Dispose();
                    device = BootedDevice.Boot(silicon);
                }
            }
        }
        finally
        {
            device.Dispose();
            File.Delete(socketPath);
        }
    }

    /// <summary>False when the client was lost within a command.</summary>
    private static bool Converse(BootedDevice device, ChipConnection connection)
    {
        var running = false;
        try
        {
            while (connection.ReceiveCommand() is { } command)
            {
                running = true;
                var refusal = device.Execute(command, new RemoteHost(connection));
                running = false;
                connection.SendVerdict(refusal);
            }
        }
        catch (ChipConnectionException)
        {
        }

        return !running;
    }

    private static Socket? Accept(Socket listener, CancellationToken stop)
    {
        try
        {
            return listener.AcceptAsync(stop).AsTask().GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>The other end's inputs and outputs, as the chip sees them.</summary>
    private sealed class RemoteHost(ChipConnection connection) : IChipHost
    {
        public long SizeOf(string input) => connection.AskSize(input);

        public int Read(string input, long offset, Span<byte> destination)
        {
            var total = 0;
            while (total < destination.Length)
            {
                var part = destination[total..Math.Min(destination.Length, total + ChipConnection.MaxData)];
                var count = connection.AskData(input, offset + total, part);
                total += count;
                if (count < part.Length)
                {
                    break;
                }
            }

            return total;
        }

        public void Emit(string output, ReadOnlySpan<byte> data)
        {
            do
            {
                var part = data[..Math.Min(data.Length, ChipConnection.MaxData)];
                connection.SendEmit(output, part);
                data = data[part.Length..];
            }
            while (!data.IsEmpty);
        }
    }
}
