namespace Keywright.Bench;

/// <summary>The checkout that this program was built from, two folders above it.</summary>
internal static class Checkout
{
    /// <summary>A file of the checkout.</summary>
    public static string PathTo(string file) =>
        Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", file));
}
