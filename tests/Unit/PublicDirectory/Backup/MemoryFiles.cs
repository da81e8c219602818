using Keywright.PublicDirectory.Backup;

namespace Keywright.UnitTests.PublicDirectory.Backup;

/// <summary>
/// A directory's files in memory that can be cut at any write: an atomic one before or after, a growing one
/// after any number of its bytes.
/// </summary>
internal sealed class MemoryFiles : IDirectoryFiles
{
    private readonly SortedDictionary<string, byte[]> files = new(StringComparer.Ordinal);

    /// <summary>How many writes are still let through; −1: all.</summary>
    public int CutAfter { get; set; } = -1;

    /// <summary>
    /// How many bytes of the write that is cut still happen; for an atomic one, 0 is none and more is all.
    /// </summary>
    public int TornBytes { get; set; }

    /// <summary>How many writes there were.</summary>
    public int Writes { get; private set; }

    public IReadOnlyDictionary<string, byte[]> All => files;

    public MemoryFiles Copy()
    {
        var copy = new MemoryFiles();
        foreach (var (path, content) in files)
        {
            copy.files[path] = [.. content];
        }

        return copy;
    }

    /// <summary>Tampers with a file.</summary>
    public void Tamper(string path, Func<byte[], byte[]> change) => files[path] = change(files[path]);

    public byte[]? Read(string path) => files.TryGetValue(path, out var content) ? [.. content] : null;

    public IReadOnlyList<string> List(string folder) =>
        [.. files.Keys.Where(path => path.StartsWith($"{folder}/", StringComparison.Ordinal))];

    public void Replace(string path, ReadOnlySpan<byte> content)
    {
        var copy = content.ToArray();
        Write(() => files[path] = copy);
    }

    public void WriteEnd(string path, long offset, ReadOnlySpan<byte> content)
    {
        var old = files.TryGetValue(path, out var held) ? held : [];
        byte[] head = [.. old.AsSpan(0, (int)offset)];
        var tail = content.ToArray();
        Write(
            () => files[path] = [.. head, .. tail],
            torn => files[path] = [.. head, .. tail.AsSpan(0, Math.Min(torn, tail.Length))]);
    }

    public void Delete(string path) => Write(() => files.Remove(path));

    private void Write(Action whole, Action<int>? part = null)
    {
        if (CutAfter == Writes++)
        {
            if (part is not null)
            {
                part(TornBytes);
            }
            else if (TornBytes > 0)
            {
                whole();
            }

            throw new IOException("cut");
        }

        whole();
    }
}
