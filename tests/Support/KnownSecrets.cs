using System.Buffers.Binary;
using System.Text;

namespace Keywright.TestSupport;

/// <summary>
/// Secrets by name, and the search for any of them: the first and the last 16 bytes of each, in both byte orders, as
/// they are, in hexadecimal and in base64 (however it is aligned), as text of one and of two bytes a character.
/// </summary>
internal sealed class KnownSecrets
{
    private const int WindowSize = 16;
    private const int ChunkSize = 1 << 20;
    private const int LongestTrace = 256;

    private readonly Dictionary<uint, List<Trace>> traces = [];
    private readonly bool[] begins = new bool[1 << 16];

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>Adds a secret of 16 bytes at least. One that is mostly zeros would be found everywhere.</summary>
    public void Add(string name, ReadOnlySpan<byte> secret)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(secret.Length, WindowSize, name);
        ArgumentOutOfRangeException.ThrowIfLessThan(Kinds(secret), WindowSize / 2, name);
        Count++;
        foreach (var window in new[] { secret[..WindowSize].ToArray(), secret[^WindowSize..].ToArray() })
        {
            AddTraces(name, window);
            AddTraces($"{name}, turned round,", [.. window.Reverse()]);
        }
    }

    /// <summary>What was found, each secret in each form once.</summary>
    public IReadOnlyList<string> FindIn(ReadOnlySpan<byte> bytes)
    {
        var found = new List<string>();
        for (var at = 0; at + sizeof(uint) <= bytes.Length; at++)
        {
            var begin = BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);
            if (!begins[begin & 0xFFFF] || !traces.TryGetValue(begin, out var candidates))
            {
                continue;
            }

            foreach (var trace in candidates)
            {
                if (bytes[at..].StartsWith(trace.Bytes) && !found.Contains(trace.What))
                {
                    found.Add(trace.What);
                }
            }
        }

        return found;
    }

    /// <summary>The same for a text.</summary>
    public IReadOnlyList<string> FindIn(string text) => FindIn(Encoding.UTF8.GetBytes(text));

    /// <summary>The same for a file of any size that nobody has open.</summary>
    public IReadOnlyList<string> FindInFile(string path)
    {
        using var file = File.OpenRead(path);
        var found = new List<string>();
        var window = new byte[LongestTrace + ChunkSize];
        for (var held = 0; ;)
        {
            var read = file.ReadAtLeast(window.AsSpan(held), window.Length - held, throwOnEndOfStream: false);
            found.AddRange(FindIn(window.AsSpan(0, held + read)).Except(found));
            if (held + read < window.Length)
            {
                return found;
            }

            held = LongestTrace;
            window.AsSpan(window.Length - held).CopyTo(window);
        }
    }

    /// <summary>
    /// The same for all files below a folder, as "file: what"; but for those that are known to hold secrets.
    /// </summary>
    public IReadOnlyList<string> FindInFolder(string folder, Func<string, bool>? isSecret = null) =>
    [
        .. from path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
           let name = Path.GetRelativePath(folder, path)
           where isSecret?.Invoke(name) != true && new FileInfo(path).Length > 0
           from what in FindInFile(path)
           select $"{name}: {what}",
    ];

    private void AddTraces(string name, byte[] window)
    {
        AddTrace($"{name} as it is", window);
        AddText($"{name} in hexadecimal", Convert.ToHexString(window));
        AddText($"{name} in hexadecimal", Convert.ToHexStringLower(window));
        for (var before = 0; before < 3; before++)
        {
            // The characters that depend on these bytes alone.
            var text = Convert.ToBase64String([.. new byte[before], .. window]);
            text = text[((before * 8 + 5) / 6)..((before + WindowSize) * 8 / 6)];
            AddText($"{name} in base64", text);
            AddText($"{name} in base64", text.Replace('+', '-').Replace('/', '_'));
            AddText($"{name} in base64", text.Replace("+", "\\u002B", StringComparison.Ordinal));
        }
    }

    private void AddText(string what, string text)
    {
        AddTrace(what, Encoding.UTF8.GetBytes(text));
        AddTrace(what, Encoding.Unicode.GetBytes(text));
    }

    private void AddTrace(string what, byte[] bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes.Length, LongestTrace);
        var begin = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        begins[begin & 0xFFFF] = true;
        if (!traces.TryGetValue(begin, out var candidates))
        {
            traces[begin] = candidates = [];
        }

        if (!candidates.Exists(known => known.What == what && known.Bytes.AsSpan().SequenceEqual(bytes)))
        {
            candidates.Add(new Trace(what, bytes));
        }
    }

    private static int Kinds(ReadOnlySpan<byte> secret) => secret.ToArray().Distinct().Count();

    private sealed record Trace(string What, byte[] Bytes);
}
