using System.Net.Sockets;
using Keywright.Protocol;
using Keywright.Protocol.Commands;

namespace Keywright.Chips;

/// <summary>
/// A chip behind a chip host's socket (docs/spec/chip.md §12). A broken connection is a <see
/// cref="ChipConnectionException"/>: the command may have happened or not, as after a power cut. Any
/// exception out of a command, also one of this side's own host, closes the connection: connect again.
/// </summary>
public sealed class SocketChip : IChip, IDisposable
{
    private readonly ChipConnection connection;

    private SocketChip(Socket socket) => connection = new ChipConnection(socket);

    /// <summary>
    /// Connects. Throws <see cref="IOException"/> when nobody serves there. After so much silence the
    /// connection counts as broken; without a limit it is waited for.
    /// </summary>
    public static SocketChip Connect(string socketPath, TimeSpan? patience = null)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            var patienceMs = (int)(patience?.TotalMilliseconds ?? 0);
            (socket.ReceiveTimeout, socket.SendTimeout) = (patienceMs, patienceMs);
            socket.Connect(new UnixDomainSocketEndPoint(socketPath));
            return new SocketChip(socket);
        }
        catch (SocketException fault)
        {
            socket.Dispose();
            throw new IOException($"No chip host answers at {socketPath}.", fault);
        }
    }

    public Refusal? Execute(string command, IChipHost host)
    {
        try
        {
            return connection.Execute(command, host);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public void Dispose() => connection.Dispose();
}
