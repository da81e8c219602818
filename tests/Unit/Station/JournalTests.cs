using Keywright.Station;

namespace Keywright.UnitTests.Station;

public sealed class JournalTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string FileName => folder.PathTo("journal");

    [Fact]
    public void Entries_come_back_in_order_with_their_secrets()
    {
        Write([1], [10, 11]);
        Write([2, 2], []);
        var (first, second) = (Read()[0], Read()[1]);
        Assert.Equal([1], first.Record.ToArray());
        Assert.Equal([10, 11], first.Secret!);
        Assert.Equal([2, 2], second.Record.ToArray());
        Assert.Empty(second.Secret!);
    }

    [Fact]
    public void Torn_at_any_byte_the_last_entry_is_dropped_and_those_before_it_stay()
    {
        Write([1], [10, 11]);
        var one = File.ReadAllBytes(FileName);
        Write([2, 2, 2], [20, 21, 22]);
        var two = File.ReadAllBytes(FileName);
        for (var length = one.Length; length < two.Length; length++)
        {
            foreach (var zeros in new[] { 0, two.Length - length })
            {
                File.WriteAllBytes(FileName, [.. two.AsSpan(0, length), .. new byte[zeros]]);
                Assert.Single(Read());
                Assert.Equal(one, File.ReadAllBytes(FileName));
            }
        }
    }

    [Fact]
    public void A_changed_bit_before_the_last_entry_is_damage_and_nothing_is_dropped()
    {
        Write([1], []);
        Write([2], []);
        var file = File.ReadAllBytes(FileName);
        for (var bit = 0; bit < file.Length / 2 * 8; bit++)
        {
            var changed = file.ToArray();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            File.WriteAllBytes(FileName, changed);
            Assert.Throws<InvalidDataException>(() => Read());
            Assert.Equal(changed, File.ReadAllBytes(FileName));
        }
    }

    [Fact]
    public void An_erased_secret_is_gone_from_the_disk_and_its_record_stays()
    {
        byte[] secret = [.. Enumerable.Range(100, 40).Select(i => (byte)i)];
        using (var journal = Journal.Open(FileName, _ => { }))
        {
            var entry = journal.Append([1], secret);
            Assert.Throws<InvalidOperationException>(() => journal.Erase(entry));
            journal.Append([2], [7]);
            journal.Erase(entry);
        }

        Assert.Equal(-1, File.ReadAllBytes(FileName).AsSpan().IndexOf(secret));
        Assert.Equal([1], Read()[0].Record.ToArray());
        Assert.Null(Read()[0].Secret);
        Assert.Equal([7], Read()[1].Secret!);
    }

    [Fact]
    public void Two_processes_do_not_hold_one_journal()
    {
        using var journal = Journal.Open(FileName, _ => { });
        Assert.Throws<IOException>(() => Journal.Open(FileName, _ => { }));
    }

    public void Dispose() => folder.Dispose();

    private void Write(byte[] record, byte[] secret)
    {
        using var journal = Journal.Open(FileName, _ => { });
        journal.Append(record, secret);
    }

    private List<JournalEntry> Read()
    {
        var entries = new List<JournalEntry>();
        Journal.Open(FileName, entries.Add).Dispose();
        return entries;
    }
}
