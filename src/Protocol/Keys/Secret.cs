using System.Security.Cryptography;

namespace Keywright.Protocol.Keys;

/// <summary>
/// Key bytes: pinned so that the collector leaves no copies, wiped on dispose, without equality and without printing.
/// Every key of the model has its own type, so that one cannot stand where another belongs.
/// </summary>
public abstract class Secret : IDisposable
{
    private readonly byte[] bytes;
    private bool disposed;

    /// <summary>Copies <paramref name="source"/>; the caller wipes its own copy.</summary>
    protected Secret(ReadOnlySpan<byte> source)
    {
        bytes = GC.AllocateUninitializedArray<byte>(source.Length, pinned: true);
        source.CopyTo(bytes);
    }

    /// <summary>Takes the room over.</summary>
    private protected Secret(WipedBuffer room) => bytes = room.HandOver();

    /// <summary>Length in bytes.</summary>
    public int Length => bytes.Length;

    /// <summary>The one place where key bytes can be reached. What is read here goes into a primitive and nowhere else.</summary>
    public ReadOnlySpan<byte> Expose()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        return bytes;
    }

    /// <summary>Wipes the bytes.</summary>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(bytes);
        disposed = true;
        Wiped();
        GC.SuppressFinalize(this);
    }

    /// <summary>Lets go of what was made from the bytes, such as a platform key.</summary>
    protected virtual void Wiped()
    {
    }

    /// <summary>Secrets are not compared; tags are, in constant time.</summary>
    public sealed override bool Equals(object? obj) => throw new NotSupportedException("Secrets are not compared.");

    public sealed override int GetHashCode() => throw new NotSupportedException("Secrets are not compared.");

    public sealed override string ToString() => $"{GetType().Name} ({bytes.Length} bytes, not shown)";
}
