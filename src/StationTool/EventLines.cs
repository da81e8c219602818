using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Keywright.CommandLine;

namespace Keywright.StationTool;

/// <summary>
/// What happens at a station, for the factory's own systems: one JSON object a line, on its way before the next
/// thing happens (docs/spec/provisioning.md 10.6). Used by one thread at a time.
/// </summary>
internal sealed class EventLines : IDisposable
{
    private const string StandardOutput = "-";

    private static readonly JsonSerializerOptions OneLine =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly TextWriter? lines;
    private readonly TimeProvider clock;
    private readonly bool isFile;

    private EventLines(TextWriter? lines, TimeProvider clock, bool isFile)
    {
        this.lines = lines;
        this.clock = clock;
        this.isFile = isFile;
    }

    /// <summary>Whether the events take the standard output, so that no report can.</summary>
    public bool TakeOutput => lines is not null && !isFile;

    /// <summary>Null: nobody listens. A line that a crash tore is ended first.</summary>
    public static EventLines Open(string? where, Session session)
    {
        if (where is null or StandardOutput)
        {
            return new EventLines(where is null ? null : session.Out, session.Clock, isFile: false);
        }

        var file = new FileStream(where, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        var isTorn = file.Length > 0 && LastByte(file) != '\n';
        file.Seek(0, SeekOrigin.End);
        var lines = new StreamWriter(file) { AutoFlush = true, NewLine = "\n" };
        if (isTorn)
        {
            lines.WriteLine();
        }

        return new EventLines(lines, session.Clock, isFile: true);
    }

    public void Write(string name, JsonObject facts)
    {
        if (lines is null)
        {
            return;
        }

        var line = new JsonObject
        {
            ["event"] = name,
            ["at"] = clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
        };
        foreach (var (key, value) in facts)
        {
            line[key] = value?.DeepClone();
        }

        lines.WriteLine(line.ToJsonString(OneLine));
        lines.Flush();
    }

    public void Dispose()
    {
        if (isFile)
        {
            lines?.Dispose();
        }
    }

    private static int LastByte(FileStream file)
    {
        file.Position = file.Length - 1;
        return file.ReadByte();
    }
}
