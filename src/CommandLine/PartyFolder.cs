using System.CommandLine;

namespace Keywright.CommandLine;

/// <summary>
/// One party's own folder: what it made, and what it was handed, under fixed names, so that commands find them
/// by themselves.
/// </summary>
public sealed class PartyFolder(DirectoryInfo folder)
{
    /// <summary>The option by which every party's commands are told their folder.</summary>
    public static Option<DirectoryInfo> Option(string whose) => new("--dir")
    {
        Description = $"the {whose}'s own folder",
        DefaultValueFactory = _ => new DirectoryInfo("."),
    };

    /// <summary>An option for a file that is looked for in the folder when it is not given.</summary>
    public static Option<FileInfo> FileOption(string option, string description, string fileName) =>
        new Option<FileInfo>(option)
        {
            Description = $"{description} (else {fileName} in the folder)",
        }.AcceptExistingOnly();

    /// <summary>The path of a file in it, as people would type it.</summary>
    public string PathTo(params string[] names) =>
        names.Aggregate(folder.ToString(), Path.Combine);

    /// <summary>The file that was given, else the one under its usual name.</summary>
    public string PathTo(FileInfo? given, params string[] names) => given?.ToString() ?? PathTo(names);
}
