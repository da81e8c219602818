using System.Collections;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Keys;

namespace Keywright.ConformanceTests.Protocol;

/// <summary>
/// What a message says, as member "fields" of a vector has it: values in the order of the payload's keys; bytes
/// in hexadecimal, null what is not there, and a list for each list or map within.
/// </summary>
internal static class Fields
{
    public static string Of(params object?[] values) => List(values).ToJsonString();

    public static string Of(JsonElement vector) =>
        JsonNode.Parse(vector.GetProperty("fields").GetRawText())!.ToJsonString();

    public static string Of(Module it) => Of(
        it.Owner,
        it.Sequence,
        it.Product,
        UnlessEmpty(it.DeviceTypes),
        UnlessEmpty(it.Devices),
        it.Programs.Select(program => new object?[]
        {
            program.Name, program.Kind, program.Version, program.BuildId, program.Hash, program.Size,
            program.Diagnostics,
        }),
        it.Keys.Select(key => new object[] { key.Public.Bytes.ToArray(), key.Epoch }),
        UnlessEmpty([.. it.Requires.Select(required => new object[] { required.Program, required.Sequence })]));

    public static string Of(Claim it) => Of(
        it.Device,
        it.Kid,
        it.Number,
        it.Prev,
        it.LastDone,
        it.Product,
        it.Manifest,
        Installed(it.Installed),
        it.Nonce);

    public static string Of(Grant it) => Of(it.Claim, it.Number, it.Manifest, it.Size, it.Mode, it.SiteRandom);

    public static string Of(DeliveryRefusal it) => Of(it.Claim, it.Number, it.Condition);

    public static string Of(Done it) => Of(it.Grant, it.Number, it.Result, Installed(it.Installed));

    private static IEnumerable<object[]> Installed(IReadOnlyList<Installed> programs) => programs.Select(
        it => new object[] { it.Owner, it.Program, it.Sequence, it.Version, it.Hash });

    /// <summary>A list that is not there when nothing is in it.</summary>
    private static IReadOnlyList<T>? UnlessEmpty<T>(IReadOnlyList<T> list) => list.Count == 0 ? null : list;

    private static JsonArray List(IEnumerable values) =>
        new([.. values.Cast<object?>().Select(Field)]);

    private static JsonNode? Field(object? value) => value switch
    {
        null => null,
        string text => text,
        byte[] bytes => Convert.ToHexStringLower(bytes),
        ReadOnlyMemory<byte> bytes => Convert.ToHexStringLower(bytes.Span),
        PublicKey key => Convert.ToHexStringLower(key.Bytes),
        uint or ulong or int or long or Enum => Convert.ToUInt64(value, CultureInfo.InvariantCulture),
        IEnumerable list => List(list),
        _ => value.ToString(),
    };
}
