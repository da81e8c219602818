using System.Text;
using System.Text.Json;
using Keywright.Protocol.Backup.Log;

namespace Keywright.ConformanceTests.Protocol;

public sealed class CheckpointVectorTests
{
    private static readonly string Folder = Repository.PathTo("vectors", "checkpoint");

    public static TheoryData<string> Cases =>
        [.. Directory.GetFiles(Folder).Select(file => Path.GetFileName(file)).Order()];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_checkpoint_is_judged_as_its_vector_says(string name)
    {
        using var file = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, name)));
        var test = file.RootElement;
        var key = LogKey.Parse(test.GetProperty("verifierKey").GetString()!).OrThrow();
        var note = Encoding.UTF8.GetBytes(test.GetProperty("note").GetString()!);
        var expected = test.GetProperty("expect").GetString();
        if (Checkpoint.Open(note, key).Refused(out var checkpoint, out var why))
        {
            Assert.Equal(expected, why.Name);
            return;
        }

        Assert.Equal("accepted", expected);
        Assert.Equal(test.GetProperty("size").GetInt64(), checkpoint.Size);
        Assert.Equal(test.GetProperty("root").GetString(), checkpoint.Root.ToString());
    }
}
