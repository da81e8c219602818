using System.Security.Cryptography;
using System.Text;
using Keywright.Protocol;
using Keywright.Protocol.Backup.Log;
using Keywright.Protocol.Keys;

namespace Keywright.UnitTests.Protocol.Backup.Log;

public sealed class SignedNoteTests : IDisposable
{
    // Heads of two logs in service, with their keys: notes that others signed with ECDSA.
    private const string RekorKey =
        "rekor.sigstore.dev+c0d23d6a+AjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABNhtmPtrWm3U1eQXBogSMdGvXwBc" +
        "K5AW5i0hrZLOC96l+smGNM7nwZ4QvFK/4sueRoVj//QP22Ni4Qt9DPfkWLc=";

    private const string RekorNote =
        "Rekor\n798034\nf+7CoKgXKE/tNys9TTXcr/ad6U/K3xvznmzew9y6SP0=\n\n— rekor.sigstore.dev wNI9ajBE" +
        "AiARInWIWyCdyG27CO6LPnPekyw20qO0YJfoaPaowGp/XgIgc+qEHS3+GKVClgqq20uDLet7MCoTURUCRdxwWBHHufk=" +
        "\n";

    private const string PixelKey =
        "pixel6_transparency_log+91c16e30+AjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABN+4x0Jk1yTwvLFI9A4NDdG" +
        "ZcX0aiWVdWM5XJVy0M4VWD3AvyW5Q6Hs9A0mcDkpUoYgn+KKPNzFC0H3nN3q6JQ8=";

    private const string PixelNote =
        "DEFAULT\n10\nbsWRucJU5xJPHb5eBdOm6+DM+VelCZBuvtI3sHERJ9Y=\n\n— pixel6_transparency_log kcFuM" +
        "DBFAiEAhqMAP8P6qf6QxtUJhzMhbN+MbZ9dwfUHzGQJmffJHtoCIGD0cNe47dHWBoPwYdgBCepB06/+g5O1FmYjXl06o" +
        "wL4\n";

    private readonly SigningKey signer = SigningKey.FromScalar([.. Enumerable.Repeat((byte)7, 32)]);
    private readonly LogKey key;

    public SignedNoteTests() => key = new LogKey("log.example/test", signer.Public);

    public void Dispose() => signer.Dispose();

    [Theory]
    [InlineData(RekorKey, RekorNote, "Rekor\n798034\n")]
    [InlineData(PixelKey, PixelNote, "DEFAULT\n10\n")]
    public void Notes_of_logs_in_service_verify(string verifierKey, string note, string beginning)
    {
        var theirs = LogKey.Parse(verifierKey).OrThrow();
        Assert.Equal(verifierKey, theirs.ToString());
        Assert.StartsWith(beginning, SignedNote.Open(Encoding.UTF8.GetBytes(note), theirs).OrThrow());
    }

    [Fact]
    public void A_checkpoint_comes_back_as_it_was_signed()
    {
        var head = new Checkpoint(key.Name, 7, Digest.Of([7]));
        Assert.Equal(head, Checkpoint.Open(head.Sign(key, signer), key).OrThrow());
        var reread = LogKey.Parse(key.ToString()).OrThrow();
        Assert.Equal(head, Checkpoint.Open(head.Sign(key, signer), reread).OrThrow());
    }

    [Fact]
    public void Every_changed_bit_and_every_cut_of_a_checkpoint_is_refused()
    {
        var note = new Checkpoint(key.Name, 7, Digest.Of([7])).Sign(key, signer);
        foreach (var (bit, changed) in SingleBits.Of(note))
        {
            Assert.True(Checkpoint.Open(changed, key).Refused(out _, out var why), $"bit {bit}");
            Assert.Contains(why.Reason, new[] { Reason.Malformed, Reason.UnknownKey, Reason.BadSignature });
        }

        for (var size = 0; size < note.Length; size++)
        {
            Assert.True(Checkpoint.Open(note.AsSpan(0, size), key).Refused(out _, out _));
        }
    }

    [Fact]
    public void A_witness_may_add_its_signature()
    {
        var head = new Checkpoint(key.Name, 7, Digest.Of([7]));
        byte[] note = [.. head.Sign(key, signer), .. "— witness.example AAAAAAAA\n"u8];
        Assert.Equal(head, Checkpoint.Open(note, key).OrThrow());
    }

    [Fact]
    public void A_signature_of_the_known_key_that_fails_spoils_the_note_even_beside_a_good_one()
    {
        var note = Encoding.UTF8.GetString(new Checkpoint(key.Name, 7, Digest.Of([7])).Sign(key, signer));
        var other = Encoding.UTF8.GetString(new Checkpoint(key.Name, 8, Digest.Of([8])).Sign(key, signer));
        AssertRefused(Reason.BadSignature, note + other.Split("\n\n")[1]);
    }

    [Fact]
    public void A_log_does_not_speak_for_another()
    {
        var note = SignedNote.Sign(new Checkpoint("other.example", 1, Digest.Zero).Text, key, signer);
        AssertRefused(Reason.BadProof, Encoding.UTF8.GetString(note));
        var foreign = new Checkpoint("other.example", 1, Digest.Zero);
        Assert.Throws<ArgumentException>(() => foreign.Sign(key, signer));
        using var stranger = SigningKey.FromScalar([.. Enumerable.Repeat((byte)9, 32)]);
        Assert.Throws<ArgumentException>(() => new Checkpoint(key.Name, 1, Digest.Zero).Sign(key, stranger));
    }

    [Theory]
    [InlineData("log.example/test\n07\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n")]
    [InlineData("log.example/test\n+7\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n")]
    [InlineData("log.example/test\n9223372036854775808\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n")]
    [InlineData("log.example/test\n7\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=\n")]
    [InlineData("log.example/test\n7\nAAAA AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n")]
    [InlineData("log.example/test\n7\nAAAA\n")]
    [InlineData("log.example/test\n7\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nextension\n")]
    [InlineData("log.example/test\n7\n")]
    [InlineData("\n7\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n")]
    public void A_signed_text_that_is_no_checkpoint_is_malformed(string text) =>
        AssertRefused(Reason.Malformed, Encoding.UTF8.GetString(SignedNote.Sign(text, key, signer)));

    [Theory]
    [InlineData("")]
    [InlineData("text\n")]
    [InlineData("text\n\n")]
    [InlineData("text\n\n— a AAAAAAAA")]
    [InlineData("text\n\n- a AAAAAAAA\n")]
    [InlineData("text\n\n— a AAAAAAAA \n")]
    [InlineData("text\n\n— a+b AAAAAAAA\n")]
    [InlineData("text\n\n— a AAAA\n")]
    [InlineData("text\n\n— a AAAAAAAB==\n")]
    [InlineData("te\rxt\n\n— a AAAAAAAA\n")]
    public void A_note_out_of_form_is_malformed(string note) => AssertRefused(Reason.Malformed, note);

    [Fact]
    public void A_note_without_the_known_key_is_refused()
    {
        AssertRefused(Reason.UnknownKey, "text\n\n— a AAAAAAAA\n");
        AssertRefused(Reason.UnknownKey, RekorNote);
    }

    [Fact]
    public void Too_much_is_refused_before_it_is_read()
    {
        AssertRefused(Reason.TooLarge, new string('a', SignedNote.MaxSize + 1));
        var many = Enumerable.Repeat("— a AAAAAAAA\n", SignedNote.MaxSignatures + 1);
        AssertRefused(Reason.TooLarge, $"text\n\n{string.Concat(many)}");
    }

    [Theory]
    [InlineData("name", Reason.Malformed)]
    [InlineData("name+00000000+", Reason.Malformed)]
    [InlineData("name+0000000+AQ==", Reason.Malformed)]
    [InlineData("name+0000000A+AQ==", Reason.Malformed)]
    [InlineData("name+00000000+AQ==", Reason.WrongAlgorithm)]
    [InlineData("name+00000000+Ag==", Reason.Malformed)]
    [InlineData("na me+c0d23d6a+AjBZ", Reason.Malformed)]
    public void A_verifier_key_out_of_form_is_refused(string text, Reason reason) =>
        AssertRefused(reason, LogKey.Parse(text));

    [Fact]
    public void A_verifier_key_with_another_id_or_a_point_off_the_curve_is_refused()
    {
        AssertRefused(Reason.Malformed, LogKey.Parse(RekorKey.Replace("c0d23d6a", "c0d23d6b")));
        AssertRefused(Reason.Malformed, LogKey.Parse(RekorKey.Replace("kWLc=", "kWLg=")));

        var offCurve = Convert.FromBase64String(RekorKey.Split('+', 3)[2]);
        offCurve[^1] ^= 1;
        var id = Convert.ToHexStringLower(SHA256.HashData(offCurve.AsSpan(1))[..LogKey.IdSize]);
        AssertRefused(Reason.UnknownKey, LogKey.Parse($"rekor+{id}+{Convert.ToBase64String(offCurve)}"));
    }

    private void AssertRefused(Reason reason, string note) =>
        AssertRefused(reason, Checkpoint.Open(Encoding.UTF8.GetBytes(note), key));

    private static void AssertRefused<T>(Reason reason, Outcome<T> outcome)
        where T : notnull
    {
        Assert.True(outcome.Refused(out _, out var why));
        Assert.Equal(reason, why.Reason);
    }
}
