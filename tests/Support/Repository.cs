namespace Keywright.TestSupport;

/// <summary>The checkout that the running tests were built from.</summary>
internal static class Repository
{
    public static readonly string Root = Find();

    public static string PathTo(params string[] parts) => Path.Combine([Root, .. parts]);

    private static string Find()
    {
        var start = AppContext.BaseDirectory;
        for (var folder = start; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "keywright.slnx")))
            {
                return folder;
            }
        }

        throw new InvalidOperationException($"{start} lies in no checkout of Keywright.");
    }
}
