using System.Collections.Frozen;

namespace Keywright.Protocol.Provisioning;

/// <summary>Reasons by the names that programs give them.</summary>
public static class Reasons
{
    private static readonly FrozenDictionary<string, Reason> ByName =
        Enum.GetValues<Reason>().ToFrozenDictionary(Refusal.NameOf);

    /// <summary>The reason called <paramref name="name"/>, as in <c>foreign-package</c>.</summary>
    public static bool TryParse(string name, out Reason reason) => ByName.TryGetValue(name, out reason);
}
