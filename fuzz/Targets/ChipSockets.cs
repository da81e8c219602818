using System.Buffers.Binary;
using System.Net.Sockets;
using Keywright.Chips;
using Keywright.Fuzz.Mutation;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Commands;

namespace Keywright.Fuzz.Targets;

/// <summary>
/// Both ends of a chip host's socket (docs/spec/chip.md §12) with anybody at the other one. The host goes on
/// serving, the client gets an answer or is told that the connection is broken.
/// </summary>
internal sealed class ChipSockets
{
    private const int SocketBytes = 256 * 1024;
    private const int PatienceMs = 10_000;

    private readonly string clientPath;
    private readonly string hostPath;

    public ChipSockets(DirectoryInfo folder)
    {
        clientPath = Path.Combine(folder.FullName, "c");
        hostPath = Path.Combine(folder.FullName, "h");
    }

    public IEnumerable<Target> Targets()
    {
        yield return Of("socket/chip", Client, FromChip());
        yield return Of("socket/client", Host(), FromClient());
    }

    private static Target Of(string name, Judge judge, IEnumerable<(string Name, byte[][] Frames)> seeds) =>
        new(name, [.. seeds.Select(it => new Seed(it.Name, Framed(it.Frames), judge))])
        {
            BaseBytes = SocketBytes,
            CostFactor = 100,
            Change = ChangeFrame,
        };

    /// <summary>What a chip may say while a command runs.</summary>
    private static IEnumerable<(string Name, byte[][] Frames)> FromChip()
    {
        using var refused = new CborWriter();
        refused.Array(3).UInt(20).Text("store-full").Text("no room");
        yield return ("asks", [CborItem.Array(16, "input"), CborItem.Array(17, "input", 0, 64), CborItem.Array(19)]);
        yield return ("emits", [CborItem.Array(18, "facts", new byte[100]), CborItem.Array(19)]);
        yield return ("refuses", [refused.ToArray()]);
    }

    /// <summary>What a client may say: commands, and what the chip asks for.</summary>
    private static IEnumerable<(string Name, byte[][] Frames)> FromClient()
    {
        yield return ("identify", [CborItem.Array(0, "identify"), CborItem.Array(0, "no-such-command")]);
        yield return (
            "dump",
            [
                CborItem.Array(0, "dump"), CborItem.Array(1, 40), CborItem.Array(2, new byte[40]),
                CborItem.Array(0, "software"),
            ]);
    }

    /// <summary>Our client, and a chip host that says these bytes whatever it is asked.</summary>
    private Answer Client(byte[] bytes)
    {
        File.Delete(clientPath);
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(clientPath));
        listener.Listen(1);
        using var chip = SocketChip.Connect(clientPath);
        using (var host = listener.Accept())
        {
            Say(host, bytes);
            try
            {
                var refusal = chip.Execute("identify", new MemoryHost(4096).With("input", new byte[64]));
                return refusal is null ? Answer.Accepted : new Answer(null, null, "refused");
            }
            catch (IOException fault) when (fault is ChipConnectionException or OutputTooLargeException)
            {
                return new Answer(null, null, "broken");
            }
        }
    }

    /// <summary>Our host, and a client that says these bytes and hangs up.</summary>
    private Judge Host()
    {
        var serving = new Lazy<Task>(() =>
        {
            using var ready = new ManualResetEventSlim();
            var host = new ChipHost(ChipWorld.Blank(), hostPath);
            var task = Task.Factory.StartNew(
                () => host.Serve(CancellationToken.None, ready.Set), TaskCreationOptions.LongRunning);
            ready.Wait(PatienceMs);
            return task;
        });
        return bytes =>
        {
            var task = serving.Value;
            using (var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
            {
                client.Connect(new UnixDomainSocketEndPoint(hostPath));
                Say(client, bytes);
                Drain(client);
            }

            return task.IsCompleted
                ? throw new InvalidOperationException("the host has stopped", task.Exception)
                : Answer.Accepted;
        };
    }

    private static void Say(Socket socket, byte[] bytes)
    {
        try
        {
            socket.Send(bytes);
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The other side has hung up already: it has heard enough.
        }
    }

    /// <summary>Until the other side has hung up, in whatever way.</summary>
    private static void Drain(Socket socket)
    {
        var drained = new byte[4096];
        try
        {
            while (socket.Receive(drained) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // What was not read there is gone with the connection.
        }
    }

    private static byte[] Framed(byte[][] frames) => [.. frames.SelectMany(Framed)];

    private static byte[] Framed(byte[] frame)
    {
        var framed = new byte[4 + frame.Length];
        BinaryPrimitives.WriteInt32BigEndian(framed, frame.Length);
        frame.CopyTo(framed, 4);
        return framed;
    }

    /// <summary>Mostly one frame, under its right length.</summary>
    private static byte[] ChangeFrame(byte[] bytes, byte[] other, Dice dice)
    {
        var frames = new List<byte[]>();
        for (var at = 0; at + 4 <= bytes.Length;)
        {
            var size = BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(at));
            frames.Add(bytes[(at + 4)..(at + 4 + size)]);
            at += 4 + size;
        }

        if (dice.OneIn(4))
        {
            return Mutator.Change(bytes, other, dice);
        }

        var changed = dice.Below(frames.Count);
        frames[changed] = Mutator.Change(frames[changed], dice.Pick(frames), dice);
        return Framed([.. frames]);
    }
}
