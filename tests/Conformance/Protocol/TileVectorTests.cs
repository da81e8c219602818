using System.Globalization;
using System.Text;
using System.Text.Json;
using Keywright.Protocol;
using Keywright.Protocol.Backup.Log;

namespace Keywright.ConformanceTests.Protocol;

[Trait("Req", "K11")]
public sealed class TileVectorTests
{
    public static TheoryData<string> Cases =>
        [.. Directory.GetFiles(Repository.PathTo("vectors", "tiles")).Select(f => Path.GetFileName(f)).Order()];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Tiles_and_what_follows_from_them_are_as_the_vector_says(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Repository.PathTo("vectors", "tiles", file)));
        var vector = document.RootElement;
        if (vector.GetProperty("kind").GetString() == "path")
        {
            ComparePath(vector.GetProperty("path").GetString()!, vector.GetProperty("expect"));
        }
        else
        {
            CompareTree(vector, vector.GetProperty("expect"));
        }
    }

    private static void ComparePath(string path, JsonElement expect)
    {
        if (TileId.Parse(path).Refused(out var tile, out var why))
        {
            Assert.Equal(expect.GetString(), why.Name);
            return;
        }

        Assert.Equal(expect.GetProperty("level").GetInt32(), tile.Level);
        Assert.Equal(expect.GetProperty("index").GetInt64(), tile.Index);
        Assert.Equal(expect.GetProperty("width").GetInt32(), tile.Width);
        Assert.Equal(path, tile.Path);
    }

    /// <summary>
    /// The tree is grown leaf by leaf; leaf i is i in decimal. Proofs come from its tiles alone.
    /// </summary>
    private static void CompareTree(JsonElement vector, JsonElement expect)
    {
        var size = vector.GetProperty("size").GetInt32();
        var edge = new TileEdge();
        var tiles = new Dictionary<TileId, byte[]>();
        for (var i = 0; i < size; i++)
        {
            var leaf = MerkleTree.LeafHash(Encoding.ASCII.GetBytes(i.ToString(CultureInfo.InvariantCulture)));
            edge.Append(leaf, (tile, hashes) => tiles[tile] = TileId.Content(hashes));
        }

        Assert.Equal(
            expect.GetProperty("tiles").EnumerateArray().Select(tile => $"{tile[0]} {tile[1]}"),
            TileId.Of(size).Select(tile => $"{tile.Path} {Digest.Of(tiles[tile])}"));

        var tree = new TileTree(size, tile => tiles[tile]);
        Assert.Equal(expect.GetProperty("root").GetString(), tree.Root().OrThrow().ToString());
        Assert.Equal(
            Paths(expect.GetProperty("inclusion")),
            Numbers(vector, "leaves").Select(leaf => Hex(tree.ProveInclusion(leaf).OrThrow().Path)));
        Assert.Equal(
            Paths(expect.GetProperty("consistency")),
            Numbers(vector, "oldSizes").Select(old => Hex(tree.ProveConsistency(old).OrThrow().Path)));
    }

    private static IEnumerable<long> Numbers(JsonElement vector, string name) =>
        vector.GetProperty(name).EnumerateArray().Select(number => number.GetInt64());

    private static IEnumerable<string> Paths(JsonElement paths) =>
        paths.EnumerateArray().Select(path => string.Join(' ', path.EnumerateArray()));

    private static string Hex(IEnumerable<Digest> path) => string.Join(' ', path);
}
