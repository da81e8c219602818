namespace Keywright.TestSupport;

/// <summary>A folder of a test's own, deleted with all that is in it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("keywright-test-");

    public string PathTo(string name) => Path.Combine(folder.FullName, name);

    public string Write(string name, ReadOnlySpan<byte> bytes)
    {
        var path = PathTo(name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public void Dispose() => folder.Delete(recursive: true);
}
