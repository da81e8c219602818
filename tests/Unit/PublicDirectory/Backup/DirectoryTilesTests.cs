using Keywright.Protocol;
using Keywright.Protocol.Backup.Log;
using Keywright.PublicDirectory.Backup;

namespace Keywright.UnitTests.PublicDirectory.Backup;

[Trait("Req", "K11")]
public sealed class DirectoryTilesTests
{
    private static readonly Digest[] Leaves =
    [
        .. Enumerable.Range(0, 600).Select(i => Digest.Of([(byte)i, (byte)(i >> 8)])),
    ];

    private readonly MemoryFiles files = new();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(600)]
    public void What_is_appended_leaf_by_leaf_is_the_tree_in_tiles(int size)
    {
        Append(size);

        Assert.Empty(DirectoryTiles.Audit(files, Leaves[..size], size));
        var tree = new TileTree(size, tile => files.Read(tile.Path));
        Assert.Equal(MerkleTree.RootOf(Leaves.AsSpan(0, size)), tree.Root().OrThrow());
    }

    [Fact]
    public void A_full_tile_takes_the_place_of_its_partial_ones()
    {
        Append(300);

        var level = files.List("tile/0");
        Assert.Equal(1 + 44, level.Count);
        Assert.Contains("tile/0/000", level);
        Assert.DoesNotContain("tile/0/000.p/255", level);
        Assert.Equal(["tile/1/000.p/1"], files.List("tile/1"));
    }

    [Fact]
    public void Tiles_that_are_lost_or_changed_are_named_and_made_again()
    {
        Append(300);
        files.Delete("tile/1/000.p/1");
        files.Tamper("tile/0/000", tile => [(byte)(tile[0] ^ 1), .. tile[1..]]);
        files.Replace("tile/0/009", new byte[32]);
        files.Replace("tile/note", "?"u8);

        Assert.Equal(
            [
                new AuditFault(Finding.Damaged, "tile/0/000"),
                new AuditFault(Finding.Unlogged, "tile/0/009"),
                new AuditFault(Finding.Unlogged, "tile/note"),
                new AuditFault(Finding.Removed, "tile/1/000.p/1"),
            ],
            DirectoryTiles.Audit(files, Leaves[..300], 300));

        new DirectoryTiles(files).Restore(Leaves.AsSpan(0, 300));
        files.Delete("tile/0/009");
        files.Delete("tile/note");
        Assert.Empty(DirectoryTiles.Audit(files, Leaves[..300], 300));
    }

    [Fact]
    public void The_tiles_of_a_size_that_is_not_yet_signed_are_no_fault()
    {
        Append(256);

        Assert.Empty(DirectoryTiles.Audit(files, Leaves[..256], 255));
    }

    [Fact]
    public void A_restored_edge_goes_on_where_it_was()
    {
        Append(255);
        var tiles = new DirectoryTiles(files);
        tiles.Restore(Leaves.AsSpan(0, 255));
        tiles.Append(Leaves[255]);

        Assert.Empty(DirectoryTiles.Audit(files, Leaves[..256], 256));
    }

    private void Append(int size)
    {
        var tiles = new DirectoryTiles(files);
        foreach (var leaf in Leaves.AsSpan(0, size))
        {
            tiles.Append(leaf);
        }
    }
}
