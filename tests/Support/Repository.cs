namespace Keywright.TestSupport;

/// <summary>The checkout that the running tests were built from.</summary>
internal static class Repository
{
    public static readonly string Root = Find();

    public static string PathTo(params string[] parts) => Path.Combine([Root, .. parts]);

    private static string Find()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "keywright.slnx")))
            {
                return folder;
            }
        }

        throw new InvalidOperationException($"{AppContext.BaseDirectory} lies in no checkout of Keywright.");
    }
}
