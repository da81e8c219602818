using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Keywright.Fuzz.Targets;

/// <summary>What is changed of an accepted vector, and who judges its field beside the others.</summary>
public sealed class AcceptedPart
{
    private readonly Vector vector;
    private readonly Judge judge;
    private readonly Func<byte[], byte[]> seal;
    private bool isText;

    private AcceptedPart(Vector vector, string field, byte[] bytes, Judge judge, Func<byte[], byte[]> seal)
    {
        this.vector = vector;
        this.judge = judge;
        this.seal = seal;
        Field = field;
        Bytes = bytes;
    }

    /// <summary>The vector's file.</summary>
    public string Name => vector.Name;

    /// <summary>The field's name.</summary>
    public string Field { get; }

    /// <summary>What is changed: the field, or what lies behind its proof.</summary>
    public byte[] Bytes { get; }

    /// <summary>Judges other bytes in their place.</summary>
    public Answer Judge(byte[] changed) => judge(seal(changed));

    /// <summary>The vector with these bytes in their place and, in place of what to expect, the verdict.</summary>
    public JsonObject Case(byte[] changed)
    {
        var message = seal(changed);
        var answer = judge(message);
        var fields = JsonObject.Create(vector.Fields)!;
        fields.Remove("what");
        fields.Remove("expect");
        fields[Field] = isText ? Encoding.UTF8.GetString(message) : Convert.ToHexStringLower(message);
        fields["product"] = answer.Refused?.Name ?? (answer.Note == "unfinished" ? answer.Note : "ok");
        return fields;
    }

    internal static AcceptedPart Of(Vector vector, string field, Judge judge) =>
        new(vector, field, vector.Bytes(field), judge, it => it);

    /// <summary>Of a text; bytes that are no UTF-8 are read as U+FFFD, since a vector could not hold them.</summary>
    internal static AcceptedPart OfText(Vector vector, string field, Judge judge) => new(
        vector,
        field,
        Encoding.UTF8.GetBytes(vector.Text(field)),
        judge,
        it => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(it)))
    { isText = true };

    /// <summary>Of what <paramref name="seal"/> makes the field of.</summary>
    internal static AcceptedPart Behind(
        Vector vector, string field, byte[] content, Func<byte[], byte[]> seal, Judge judge) =>
        new(vector, field, content, judge, seal);
}
