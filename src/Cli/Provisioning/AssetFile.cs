using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Keywright.Owner.Provisioning;
using Keywright.Protocol;
using Keywright.Protocol.Provisioning;

namespace Keywright.Cli.Provisioning;

/// <summary>
/// assets.json, what the OEM wants in its devices: an array of {"ref": 1…65535, "kind": name, "storage": name
/// (there is a default), and one of "file": path beside this file, "hex": contents, "generate": size in
/// bytes, to be drawn inside the chip}. Contents are wiped on dispose.
/// </summary>
internal sealed class AssetFile : IDisposable
{
    private static readonly Dictionary<string, AssetKind> Kinds =
        Enum.GetValues<AssetKind>().ToDictionary(kind => kind.ToString().ToLowerInvariant());

    private static readonly Dictionary<string, AssetStorage> Storages = new()
    {
        ["key-store"] = AssetStorage.KeyStore,
        ["transport-key"] = AssetStorage.TransportKey,
        ["flash-object"] = AssetStorage.FlashObject,
    };

    private readonly List<AssetContent> assets = [];
    private readonly List<byte[]> contents = [];

    private AssetFile()
    {
    }

    public IReadOnlyList<AssetContent> Assets => assets;

    /// <summary>Refusals: Malformed, with the number of the asset. Throws for a missing file.</summary>
    public static Outcome<AssetFile> Read(FileInfo file)
    {
        var bytes = File.ReadAllBytes(file.FullName);
        var read = new AssetFile();
        try
        {
            using var document = JsonDocument.Parse(
                bytes,
                new JsonDocumentOptions
                {
                    AllowDuplicateProperties = false,
                    AllowTrailingCommas = true,
                    CommentHandling = JsonCommentHandling.Skip,
                });
            read.Take(document.RootElement, file.DirectoryName!);
            return read;
        }
        catch (JsonException fault)
        {
            read.Dispose();
            return new Refusal(Reason.Malformed, $"{file}: {JsonPlace.Of(fault)}");
        }
        catch (FormatException fault)
        {
            read.Dispose();
            return new Refusal(Reason.Malformed, $"{file}: {fault.Message}");
        }
        catch
        {
            read.Dispose();
            throw;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>As the reports name a storage.</summary>
    public static string NameOf(AssetStorage storage) => Storages.First(pair => pair.Value == storage).Key;

    public void Dispose() => contents.ForEach(content => CryptographicOperations.ZeroMemory(content));

    private void Take(JsonElement root, string folder)
    {
        if (root.ValueKind != JsonValueKind.Array)
        {
            throw new FormatException("an array of assets");
        }

        foreach (var asset in root.EnumerateArray())
        {
            try
            {
                assets.Add(ReadOne(asset, folder));
            }
            catch (FormatException fault)
            {
                throw new FormatException($"asset {assets.Count + 1}: {fault.Message}");
            }
        }
    }

    private AssetContent ReadOne(JsonElement asset, string folder)
    {
        if (asset.ValueKind != JsonValueKind.Object)
        {
            throw new FormatException("not an object");
        }

        var fields = asset.EnumerateObject().ToDictionary(field => field.Name, field => field.Value);
        var reference = Number(Required(fields, "ref"), "ref");
        var generated = fields.Remove("generate", out var size);
        var kind = !generated || fields.ContainsKey("kind")
            ? OneOf(Kinds, Required(fields, "kind"), "kind")
            : AssetKind.Generated;
        var storage = fields.Remove("storage", out var given)
            ? OneOf(Storages, given, "storage")
            : kind <= AssetKind.Owner ? AssetStorage.KeyStore : AssetStorage.FlashObject;
        if (generated != (kind == AssetKind.Generated))
        {
            throw new FormatException("\"generate\" is for kind generated, and for no other");
        }

        var content = generated
            ? AssetContent.Generated(reference, Number(size, "generate"), storage)
            : AssetContent.Of(reference, kind, storage, Content(fields, folder));
        return fields.Count == 0
            ? content
            : throw new FormatException("only \"ref\", \"kind\", \"storage\" and one content");
    }

    private byte[] Content(Dictionary<string, JsonElement> fields, string folder)
    {
        var content = fields.Remove("file", out var path)
            ? File.ReadAllBytes(Path.Combine(folder, Text(path, "file")))
            : Hex(Required(fields, "hex"));
        contents.Add(content);
        return content;
    }

    // The digits may be a secret's: they never become a string.
    private static byte[] Hex(JsonElement value)
    {
        var digits = value.ValueKind == JsonValueKind.String
            ? JsonMarshal.GetRawUtf8Value(value)[1..^1]
            : "none"u8;
        var content = new byte[digits.Length / 2];
        return Convert.FromHexString(digits, content, out _, out _) == OperationStatus.Done
            ? content
            : throw new FormatException("\"hex\" has pairs of hexadecimal digits");
    }

    private static JsonElement Required(Dictionary<string, JsonElement> fields, string name) =>
        fields.Remove(name, out var value) ? value : throw new FormatException($"\"{name}\" is missing");

    private static uint Number(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetUInt32(out var number)
            ? number
            : throw new FormatException($"\"{name}\" is a number");

    private static string Text(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : throw new FormatException($"\"{name}\" is a text");

    private static T OneOf<T>(Dictionary<string, T> names, JsonElement value, string field) =>
        names.TryGetValue(Text(value, field), out var found)
            ? found
            : throw new FormatException($"\"{field}\" is one of {string.Join(", ", names.Keys)}");
}
