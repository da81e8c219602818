using System.Collections.Frozen;
using Keywright.Fuzz;
using Keywright.Fuzz.Targets;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Provisioning;

namespace Keywright.ConformanceTests.Fuzz;

/// <summary>
/// Every accepted vector with every single bit changed is refused, or the reason why it is not stands here. Of
/// what is long, or slow to judge, the first and the last 64 bytes are changed bit by bit and the rest at every
/// 61st bit, so that every bit of an octet has its turn; the tests of the stories change all bits of some.
/// </summary>
public sealed class EveryBitTests
{
    private const int WholeBytes = 3000;
    private const int EdgeBytes = 64;
    private const int Stride = 61;

    private static readonly string[] Slow = ["dump", "envelope", "package", "unlocking"];

    /// <summary>Folders without a message whose bits could be changed.</summary>
    private static readonly FrozenDictionary<string, string> NoMessages = new Dictionary<string, string>
    {
        ["cbor"] = "single items, of which any bits make another one",
        ["digest"] = "SHA-256 of any bytes",
        ["journal"] = "a station's own file, of which a changed bit is a torn entry or damage",
        ["judgement"] = "states and inputs under names, no bytes",
        ["primitives"] = "values of other standards, of which any bits make another one",
        ["start"] = "what a chip draws from any noise",
        ["tiles"] = "names of tiles, and trees that are told by their size",
        ["turn"] = "keys derived from any generator state",
    }.ToFrozenDictionary();

    /// <summary>What a changed bit may lead to besides a refusal.</summary>
    private static readonly FrozenDictionary<string, string> Explained = new Dictionary<string, string>
    {
        ["unfinished"] = "a dump: a true beginning of it, that is called no more than that",
        ["the same image"] = "a program file in text: digits in the other case, comments, blanks, ends of lines",
    }.ToFrozenDictionary();

    public static TheoryData<string> Folders =>
        [.. Directory.GetDirectories(Repository.PathTo("vectors")).Select(path => Path.GetFileName(path)).Order()];

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_changed_bit_is_refused_or_explained(string folder)
    {
        var vectors = AcceptedVectors.In(folder).ToList();
        Assert.Equal(NoMessages.ContainsKey(folder), vectors.Count == 0);
        foreach (var vector in vectors)
        {
            Assert.Null(vector.Judge(vector.Bytes).Refused);
            var unread = Unread(folder, vector);
            foreach (var (bit, changed) in Bits(vector.Bytes, Slow.Contains(folder)))
            {
                var answer = vector.Judge(changed);
                Assert.True(
                    answer.Refused is not null || (answer.Note is { } note && Explained.ContainsKey(note))
                        || unread.Exists(place => bit / 8 >= place.Begin && bit / 8 < place.End),
                    $"{folder}/{vector.Name}, {vector.Field}: bit {bit} passes");
            }
        }
    }

    /// <summary>
    /// A package is judged by a chip, which takes its time; so that every bit counts, D shows it: it is in the
    /// order, and no other.
    /// </summary>
    [Fact]
    public void A_package_with_a_changed_bit_has_another_digest_or_none()
    {
        foreach (var vector in AcceptedVectors.In("package")
            .Where(it => it.Field == "package"))
        {
            var digest = PackageDigest.Of(vector.Bytes).OrThrow();
            foreach (var (bit, changed) in SingleBits.Of(vector.Bytes))
            {
                Assert.True(PackageDigest.Of(changed).Refused(out var other, out _) || other != digest, $"bit {bit}");
            }
        }
    }

    /// <summary>Where something stands that was made for other readers: not judged beyond its form.</summary>
    private static List<(int Begin, int End)> Unread(string folder, AcceptedPart vector) => folder switch
    {
        "checkpoint" => OfWitnesses(vector.Bytes),
        "envelope" or "program-command" => OfOtherRecipients(vector),
        _ => [],
    };

    /// <summary>Signatures by keys that the reader does not know (log.md §3).</summary>
    private static List<(int Begin, int End)> OfWitnesses(byte[] note)
    {
        var places = new List<(int Begin, int End)>();
        for (var begin = 0; begin < note.Length;)
        {
            var end = begin + note.AsSpan(begin).IndexOf((byte)'\n') + 1;
            var line = note.AsSpan(begin, end - begin);
            if (line.StartsWith("— "u8) && !line.StartsWith("— directory.example/log "u8))
            {
                places.Add((begin, end));
            }

            begin = end;
        }

        return places;
    }

    /// <summary>
    /// Of EN with several recipients a reader opens one (wire.md §6): the one whose key cannot be changed.
    /// </summary>
    private static List<(int Begin, int End)> OfOtherRecipients(AcceptedPart vector)
    {
        var recipients = Recipients(vector.Bytes);
        var others = recipients
            .Where(place => vector.Judge(Flipped(vector.Bytes, place.End - 1)).Refused is null)
            .ToList();
        Assert.Equal(Math.Min(1, recipients.Count), recipients.Count - others.Count);
        return others;
    }

    /// <summary>Where the recipients of EN stand; none when it is no EN.</summary>
    private static List<(int Begin, int End)> Recipients(byte[] message)
    {
        var reader = new CborReader(message);
        reader.Array(4, 4);
        reader.Bytes(0, message.Length);
        reader.Map(0);
        reader.EndMap();
        reader.Bytes(0, message.Length);
        var places = new List<(int Begin, int End)>();
        for (var left = reader.Array(1, 16); left > 0; left--)
        {
            var begin = reader.Position;
            reader.Array(3, 3);
            reader.Bytes(0, message.Length);
            reader.Map(1);
            reader.Key(-4);
            reader.Bytes(0, message.Length);
            reader.EndMap();
            reader.Bytes(0, message.Length);
            reader.EndArray();
            places.Add((begin, reader.Position));
        }

        return reader.Failed ? [] : places;
    }

    private static byte[] Flipped(byte[] bytes, int at)
    {
        var changed = (byte[])bytes.Clone();
        changed[at] ^= 1;
        return changed;
    }

    private static IEnumerable<(int Bit, byte[] Changed)> Bits(byte[] bytes, bool slow) =>
        !slow && bytes.Length <= WholeBytes
        ? SingleBits.Of(bytes)
        : SingleBits.Of(bytes).Where(it =>
            it.Bit / 8 < EdgeBytes || it.Bit / 8 >= bytes.Length - EdgeBytes || it.Bit % Stride == 0);
}
