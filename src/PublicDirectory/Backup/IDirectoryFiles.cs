namespace Keywright.PublicDirectory.Backup;

/// <summary>
/// The files of a directory (docs/spec/backup.md §7), by relative path with slashes. What a write has
/// returned from is on the disk; a cut during one leaves what each method says.
/// </summary>
public interface IDirectoryFiles
{
    /// <summary>The content; null when there is no such file.</summary>
    byte[]? Read(string path);

    /// <summary>All files below a folder, in ordinal order.</summary>
    IReadOnlyList<string> List(string folder);

    /// <summary>Puts a whole file in place of any there. Cut: the old one or the new one.</summary>
    void Replace(string path, ReadOnlySpan<byte> content);

    /// <summary>
    /// Makes the file end, from <paramref name="offset"/> on, with <paramref name="content"/>. Cut: any
    /// prefix of it.
    /// </summary>
    void WriteEnd(string path, long offset, ReadOnlySpan<byte> content);

    /// <summary>Removes a file; one that is not there is no matter.</summary>
    void Delete(string path);
}
