using System.Text;
using System.Text.Json;
using Keywright.Protocol;
using Keywright.Protocol.Keys;

namespace Keywright.ConformanceTests.Judgement;

/// <summary>In judgement vectors digests, chips and signers are names: equal names, equal things.</summary>
internal static class Named
{
    public static Digest Digest(string? name) =>
        name is null ? Keywright.Protocol.Digest.Zero : Keywright.Protocol.Digest.Of(Encoding.UTF8.GetBytes(name));

    public static ChipId Chip(string name) => ChipId.FromRandom(Digest(name).ToArray().AsSpan(0, 16));

    public static SigningKey Signer(string name) => SigningKey.Generate(new SeededEntropy(Seed(name)));

    public static HpkePrivateKey Recipient(string name) => HpkePrivateKey.Generate(new SeededEntropy(~Seed(name)));

    /// <summary>A member's text; null when it is null.</summary>
    public static string? Text(this JsonElement holder, string name) => holder.GetProperty(name).GetString();

    public static uint Number(this JsonElement holder, string name) => holder.GetProperty(name).GetUInt32();

    public static bool Flag(this JsonElement holder, string name) => holder.GetProperty(name).GetBoolean();

    public static IEnumerable<string> Texts(this JsonElement holder, string name) =>
        holder.GetProperty(name).EnumerateArray().Select(each => each.GetString()!);

    /// <summary>A member that is an object; null when it is null.</summary>
    public static JsonElement? Object(this JsonElement holder, string name) =>
        holder.GetProperty(name) is { ValueKind: not JsonValueKind.Null } found ? found : null;

    private static ulong Seed(string name) => BitConverter.ToUInt64(Digest(name).ToArray());
}
