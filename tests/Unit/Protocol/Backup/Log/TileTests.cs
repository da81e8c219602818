using FsCheck;
using FsCheck.Fluent;
using Keywright.Protocol;
using Keywright.Protocol.Backup.Log;

namespace Keywright.UnitTests.Protocol.Backup.Log;

[Trait("Req", "K11")]
public sealed class TileTests
{
    private const int Largest = 1100;

    private static readonly Digest[] Leaves =
    [
        .. Enumerable.Range(0, Largest).Select(i => Digest.Of([(byte)i, (byte)(i >> 8)])),
    ];

    private static readonly Gen<int> Size = Gen.OneOf(
        Gen.Choose(1, Largest), Gen.Elements(1, 2, 255, 256, 257, 511, 512, 513, 1024, 1025));

    [Fact]
    public void Tiles_prove_what_all_leaves_prove() => Prop.ForAll(
        Size.ToArbitrary(),
        Gen.Choose(0, Largest).ToArbitrary(),
        (size, pick) =>
        {
            var leaves = Leaves.AsSpan(0, size);
            var tree = new TileTree(size, Grown(size).Read);
            var inclusion = MerkleTree.ProveInclusion(leaves, pick % size);
            var consistency = MerkleTree.ProveConsistency(leaves, 1 + (pick % size));
            return tree.Root().OrThrow() == MerkleTree.RootOf(leaves)
                && tree.ProveInclusion(pick % size).OrThrow().Path.SequenceEqual(inclusion.Path)
                && tree.ProveConsistency(1 + (pick % size)).OrThrow().Path.SequenceEqual(consistency.Path);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_tree_has_the_tiles_that_it_grew() => Prop.ForAll(
        Size.ToArbitrary(),
        size => TileId.Of(size).All(tile => Grown(size).Read(tile)?.Length == tile.Size)
            && TileId.Of(size).All(tile => TileId.Parse(tile.Path).OrThrow() == tile)).QuickCheckThrowOnFailure();

    [Fact]
    public void The_partial_tiles_of_a_tree_are_handed_out_again() => Prop.ForAll(
        Size.ToArbitrary(),
        size =>
        {
            var edge = new TileEdge();
            foreach (var leaf in Leaves.AsSpan(0, size))
            {
                edge.Append(leaf, (_, _) => { });
            }

            var partial = new List<TileId>();
            edge.TakePartial((tile, hashes) =>
            {
                Assert.Equal(Grown(size).Read(tile)!.Value, TileId.Content(hashes));
                partial.Add(tile);
            });
            return partial.SequenceEqual(TileId.Of(size).Where(tile => tile.Width < TileId.FullWidth));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_tile_that_is_missing_or_of_another_size_is_refused()
    {
        var tiles = Grown(700);
        foreach (var tile in TileId.Of(700))
        {
            var leaf = tile.Level == 0 ? tile.Index * TileId.FullWidth : 0;
            var without = new TileTree(700, asked => asked == tile ? null : tiles.Read(asked));
            var cut = new TileTree(700, asked => asked == tile ? tiles.Read(asked)!.Value[..^1] : tiles.Read(asked));
            AssertBadProof(without.ProveInclusion(leaf));
            AssertBadProof(cut.ProveInclusion(leaf));
        }
    }

    [Fact]
    public void A_changed_tile_leads_to_another_root()
    {
        var tiles = Grown(700);
        var root = MerkleTree.RootOf(Leaves.AsSpan(0, 700));
        foreach (var tile in TileId.Of(700).Where(tile => tile.Level == 1 || tile.Width < TileId.FullWidth))
        {
            var changed = tiles.Read(tile)!.Value.ToArray();
            changed[^1] ^= 1;
            var tree = new TileTree(700, asked => asked == tile ? changed : tiles.Read(asked));
            Assert.NotEqual(root, tree.Root().OrThrow());
        }
    }

    [Fact]
    public void A_proof_takes_few_tiles()
    {
        var tiles = Grown(1024);
        var asked = new List<string>();
        var tree = new TileTree(1024, tile =>
        {
            asked.Add(tile.Path);
            return tiles.Read(tile);
        });

        tree.ProveInclusion(700).OrThrow();

        Assert.Equal(["tile/0/002", "tile/1/000.p/4"], asked.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void An_index_outside_the_tree_is_a_bug_in_the_caller()
    {
        var tree = new TileTree(7, Grown(7).Read);

        Assert.ThrowsAny<ArgumentException>(() => tree.ProveInclusion(7));
        Assert.ThrowsAny<ArgumentException>(() => tree.ProveInclusion(-1));
        Assert.ThrowsAny<ArgumentException>(() => tree.ProveConsistency(8));
        Assert.ThrowsAny<ArgumentException>(() => tree.ProveConsistency(0));
    }

    [Fact]
    public void Any_text_is_a_path_that_says_itself_or_is_refused() => Prop.ForAll(
        Gen.Elements("tile", "/", "0", "1", "x001", "001", ".p", "255", "-1", " ", "9", "x").ListOf().ToArbitrary(),
        words =>
        {
            var path = string.Concat(words);
            return TileId.Parse(path).Refused(out var tile, out var why)
                ? why.Reason == Reason.Malformed
                : tile.Path == path;
        }).QuickCheckThrowOnFailure();

    private static void AssertBadProof<T>(Outcome<T> outcome)
        where T : notnull
    {
        Assert.True(outcome.Refused(out _, out var why));
        Assert.Equal(Reason.BadProof, why.Reason);
    }

    private static Served Grown(int size)
    {
        var edge = new TileEdge();
        var tiles = new Dictionary<TileId, byte[]>();
        foreach (var leaf in Leaves.AsSpan(0, size))
        {
            edge.Append(leaf, (tile, hashes) => tiles[tile] = TileId.Content(hashes));
        }

        Assert.Equal(size, (int)edge.Size);
        return new Served(tiles);
    }

    private sealed record Served(Dictionary<TileId, byte[]> Tiles)
    {
        public ReadOnlyMemory<byte>? Read(TileId tile) =>
            Tiles.TryGetValue(tile, out var content) ? content : (ReadOnlyMemory<byte>?)null;
    }
}
