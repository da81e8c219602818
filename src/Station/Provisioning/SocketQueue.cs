namespace Keywright.Station.Provisioning;

/// <summary>
/// Hands places out to whoever is free, in order, and no more at a time than the limit leaves room for: a place
/// whose chip had its receipt already does not count. A place is drawn when it is asked for, so what draws it
/// may wait for an operator.
/// </summary>
internal sealed class SocketQueue(IEnumerable<ChipSocket> sockets, int limit) : IDisposable
{
    private readonly IEnumerator<ChipSocket> places = sockets.GetEnumerator();
    private readonly Lock drawing = new();
    private readonly object counting = new();
    private int handled;
    private int atWork;
    private int drawn;
    private bool stopped;

    /// <summary>The next place and its number from 0; null when there is none.</summary>
    public (int Number, ChipSocket Socket)? Next()
    {
        lock (drawing)
        {
            if (!WaitForRoom() || !places.MoveNext())
            {
                Stop();
                return null;
            }

            lock (counting)
            {
                atWork++;
                return (drawn++, places.Current);
            }
        }
    }

    /// <summary>The place is done with.</summary>
    public void Done(bool counts)
    {
        lock (counting)
        {
            atWork--;
            handled += counts ? 1 : 0;
            Monitor.PulseAll(counting);
        }
    }

    /// <summary>No place is handed out any more.</summary>
    public void Stop()
    {
        lock (counting)
        {
            stopped = true;
            Monitor.PulseAll(counting);
        }
    }

    public void Dispose() => places.Dispose();

    private bool WaitForRoom()
    {
        lock (counting)
        {
            while (!stopped && handled < limit && handled + atWork >= limit)
            {
                Monitor.Wait(counting);
            }

            return !stopped && handled < limit;
        }
    }
}
