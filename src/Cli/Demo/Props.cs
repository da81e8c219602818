using System.Text;
using Keywright.Protocol.Keys;

namespace Keywright.Cli.Demo;

/// <summary>What the demo needs besides the parties' commands: plain inputs, copies, a byte changed here and there.</summary>
internal sealed class Props(int chipCount, IEntropy entropy)
{
    /// <summary>The file by which a demo knows its folder again.</summary>
    public const string Mark = "keywright-demo.txt";

    public const string Product = "kettle";
    public const string DeviceType = "kettle-a";

    public int ChipCount => chipCount;

    /// <summary>The order number of the lot.</summary>
    public static string Order => "2026-1";

    /// <summary>A chip's folder by its number from 1.</summary>
    public static string Chip(int number) => $"chips/{number:D3}";

    /// <summary>The identity of the n-th device, as the pool has it.</summary>
    public static string Serial(int number) => $"KT-{number:D6}";

    /// <summary>Random bytes as hex.</summary>
    public string Hex(int sizeBytes)
    {
        var bytes = new byte[sizeBytes];
        entropy.Fill(bytes);
        return Convert.ToHexStringLower(bytes);
    }

    /// <summary>Random bytes in a file: a program or table whose content does not matter.</summary>
    public void Binary(string path, int sizeBytes)
    {
        var bytes = new byte[sizeBytes];
        entropy.Fill(bytes);
        Write(path, bytes);
    }

    public static void Write(string path, byte[] content)
    {
        if (Path.GetDirectoryName(path) is { Length: > 0 } folder)
        {
            Directory.CreateDirectory(folder);
        }

        File.WriteAllBytes(path, content);
    }

    /// <summary>What plays the chip of a folder and is none.</summary>
    public void Emulator(string original, string folder)
    {
        Directory.CreateDirectory(folder);
        Demo.Emulator.Make(original, folder, entropy);
    }

    public static void Text(string path, string content) => Write(path, Encoding.UTF8.GetBytes(content));

    /// <summary>A file of the examples that travel inside the program.</summary>
    public static void Example(string name, string path)
    {
        using var resource = typeof(Props).Assembly.GetManifestResourceStream(name)!;
        using var copy = new MemoryStream();
        resource.CopyTo(copy);
        Write(path, copy.ToArray());
    }

    /// <summary>The same file with one bit changed, as somebody on the way might.</summary>
    public static void Changed(string path, string to, double where = 0.5)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[(int)(bytes.Length * where)] ^= 1;
        Write(to, bytes);
    }

    /// <summary>The same file with one text in place of another of the same length.</summary>
    public static void Replaced(string path, string to, string what, string by)
    {
        var bytes = File.ReadAllBytes(path);
        Encoding.ASCII.GetBytes(by).CopyTo(bytes, bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(what)));
        Write(to, bytes);
    }

    /// <summary>A perfect copy of a folder: what a cloner makes of a device.</summary>
    public static void CopyFolder(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }
    }
}
