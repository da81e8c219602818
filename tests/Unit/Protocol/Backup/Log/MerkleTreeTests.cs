using Keywright.Protocol;
using Keywright.Protocol.Backup.Log;

namespace Keywright.UnitTests.Protocol.Backup.Log;

public sealed class MerkleTreeTests
{
    private const int MaxLeaves = 35;

    // The eight leaves and the roots of 1, 2, 3, 6, 7 and 8 of them that certificate transparency logs test
    // with.
    private static readonly string[] KnownLeaves =
    [
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    ];

    [Theory]
    [InlineData(0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData(1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d")]
    [InlineData(2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125")]
    [InlineData(3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77")]
    [InlineData(8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328")]
    public void Known_trees_have_their_known_roots(int size, string root)
    {
        var leaves = KnownLeaves.Take(size).Select(leaf => MerkleTree.LeafHash(Convert.FromHexString(leaf)));
        Assert.Equal(root, MerkleTree.RootOf(leaves.ToArray()).ToString());
    }

    [Fact]
    public void Every_leaf_of_every_small_tree_is_proved_and_no_other_leaf_is()
    {
        var leaves = Leaves(MaxLeaves);
        for (var size = 1; size <= MaxLeaves; size++)
        {
            var tree = leaves.AsSpan(0, size);
            var head = new Checkpoint("log.example", size, MerkleTree.RootOf(tree));
            for (var index = 0; index < size; index++)
            {
                var proof = MerkleTree.ProveInclusion(tree, index);
                Assert.Equal(head, proof.Check(leaves[index], head).OrThrow());
                AssertBadProof(proof.Check(Digest.Zero, head));
                foreach (var wrong in WrongProofs(proof))
                {
                    AssertBadProof(wrong.Check(leaves[index], head));
                }
            }
        }
    }

    [Fact]
    public void Every_small_tree_is_proved_to_live_on_and_a_changed_one_is_not()
    {
        var leaves = Leaves(MaxLeaves);
        for (var size = 1; size <= MaxLeaves; size++)
        {
            var newer = Head(leaves.AsSpan(0, size));
            for (var oldSize = 1; oldSize <= size; oldSize++)
            {
                var older = Head(leaves.AsSpan(0, oldSize));
                var proof = MerkleTree.ProveConsistency(leaves.AsSpan(0, size), oldSize);
                Assert.Equal(newer, proof.Check(older, newer).OrThrow());
                AssertBadProof(proof.Check(older with { Root = Digest.Zero }, newer));
                AssertBadProof(proof.Check(older, newer with { Root = Digest.Zero }));
                AssertBadProof(proof.Check(older with { Origin = "other.example" }, newer));
                AssertBadProof((proof with { OldSize = oldSize + 1 }).Check(older, newer));
                AssertBadProof((proof with { Path = [.. proof.Path, Digest.Zero] }).Check(older, newer));
                if (proof.Path.Count > 0)
                {
                    AssertBadProof((proof with { Path = [.. proof.Path.SkipLast(1)] }).Check(older, newer));
                    AssertBadProof((proof with { Path = [] }).Check(older, newer));
                }
            }
        }
    }

    [Fact]
    public void Nothing_is_proved_from_an_empty_tree()
    {
        var head = Head(Leaves(3));
        var empty = new Checkpoint("log.example", 0, MerkleTree.EmptyRoot);
        AssertBadProof(new ConsistencyProof(0, 3, []).Check(empty, head));
        AssertBadProof(new InclusionProof(0, 0, []).Check(Digest.Zero, empty));
    }

    private static IEnumerable<InclusionProof> WrongProofs(InclusionProof proof)
    {
        yield return proof with { Index = proof.Index == 0 ? proof.TreeSize : proof.Index - 1 };
        yield return proof with { Index = -1 };
        yield return proof with { TreeSize = proof.TreeSize + 1 };
        yield return proof with { Path = [.. proof.Path, Digest.Zero] };
        if (proof.Path.Count > 0)
        {
            yield return proof with { Path = [.. proof.Path.Skip(1)] };
            yield return proof with { Path = [.. proof.Path.SkipLast(1)] };
        }
    }

    private static Checkpoint Head(ReadOnlySpan<Digest> leaves) =>
        new("log.example", leaves.Length, MerkleTree.RootOf(leaves));

    private static Digest[] Leaves(int count) =>
        [.. Enumerable.Range(0, count).Select(i => MerkleTree.LeafHash([(byte)i]))];

    private static void AssertBadProof<T>(Outcome<T> outcome)
        where T : notnull
    {
        Assert.True(outcome.Refused(out _, out var why));
        Assert.Equal(Reason.BadProof, why.Reason);
    }
}
