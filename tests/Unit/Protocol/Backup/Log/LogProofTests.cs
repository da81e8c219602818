using System.Text;
using Keywright.Protocol;
using Keywright.Protocol.Backup.Log;
using Keywright.Protocol.Keys;

namespace Keywright.UnitTests.Protocol.Backup.Log;

public sealed class LogProofTests : IDisposable
{
    private readonly SigningKey signer = SigningKey.FromScalar([.. Enumerable.Repeat((byte)7, 32)]);
    private readonly LogKey key;
    private readonly Digest[] leaves =
        [.. Enumerable.Range(0, 5).Select(i => MerkleTree.LeafHash([(byte)i]))];

    public LogProofTests() => key = new LogKey("log.example/test", signer.Public);

    public void Dispose() => signer.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_logged_entry_is_proved_by_one_text(int index)
    {
        var read = LogProof.Parse(Proof(index).Write()).OrThrow();
        var head = read.Check(leaves[index], key).OrThrow();
        Assert.Equal(5, head.Size);
        AssertRefused(Reason.BadProof, read.Check(leaves[(index + 1) % 5], key));
    }

    [Fact]
    public void A_tree_of_one_leaf_needs_no_path()
    {
        var head = new Checkpoint(key.Name, 1, leaves[0]).Sign(key, signer);
        var proof = LogProof.Parse(new LogProof(0, [], head).Write()).OrThrow();
        Assert.Equal(leaves[0], proof.Check(leaves[0], key).OrThrow().Root);
    }

    [Fact]
    public void Every_changed_bit_and_every_cut_of_a_proof_is_refused()
    {
        var proof = Proof(3).Write();
        foreach (var (bit, changed) in SingleBits.Of(proof))
        {
            Assert.True(Judge(changed).Refused(out _, out _), $"bit {bit}");
        }

        for (var size = 0; size < proof.Length; size++)
        {
            Assert.True(Judge(proof.AsSpan(0, size)).Refused(out _, out _));
        }
    }

    [Fact]
    public void A_proof_out_of_form_or_too_long_is_refused()
    {
        var text = Encoding.UTF8.GetString(Proof(3).Write());
        AssertRefused(Reason.Malformed, Parse(text.Replace("index 3", "index 03")));
        AssertRefused(Reason.Malformed, Parse(text.Replace("index 3", "extra AAAA\nindex 3")));
        AssertRefused(Reason.Malformed, Parse(text.Replace("@v1", "@v2")));
        AssertRefused(Reason.Malformed, Parse(text.Replace("index 3\n", "index 3\nAAAA\n")));
        AssertRefused(Reason.TooLarge, Parse(new string('a', LogProof.MaxSize + 1)));
        AssertRefused(
            Reason.TooLarge,
            LogProof.Parse(new LogProof(3, new Digest[MerkleTree.MaxPathLength + 1], default).Write()));
    }

    private static Outcome<LogProof> Parse(string text) => LogProof.Parse(Encoding.UTF8.GetBytes(text));

    private Outcome<Checkpoint> Judge(ReadOnlySpan<byte> bytes) =>
        LogProof.Parse(bytes).Refused(out var proof, out var why) ? why : proof.Check(leaves[3], key);

    private LogProof Proof(int index)
    {
        var head = new Checkpoint(key.Name, leaves.Length, MerkleTree.RootOf(leaves)).Sign(key, signer);
        return new LogProof(index, MerkleTree.ProveInclusion(leaves, index).Path, head);
    }

    private static void AssertRefused<T>(Reason reason, Outcome<T> outcome)
        where T : notnull
    {
        Assert.True(outcome.Refused(out _, out var why));
        Assert.Equal(reason, why.Reason);
    }
}
