using Keywright.Device.Chip;
using Keywright.Protocol.Provisioning;

namespace Keywright.Device.Provisioning;

/// <summary>
/// A refused check in the words of the program's text. Facts are public and are said; what stands in a slot
/// never is: it may be the tag that a forger looks for.
/// </summary>
internal static class Differences
{
    private const int MaxMembers = 8;

    /// <summary>Two items that had to be the same.</summary>
    public static string Between(Item one, Item other, Facts facts) => (one.Kind, other.Kind) switch
    {
        (ItemKind.Fact, ItemKind.Fact) => $"{Said(one.Fact, facts)}, {Said(other.Fact, facts)}",
        (ItemKind.Fact, ItemKind.Number) =>
            $"{Said(one.Fact, facts)}, the program needs {InWords(one.Fact, PublicValue.Of(other.Number))}",
        (ItemKind.Fact, ItemKind.Text) =>
            $"{Said(one.Fact, facts)}, the program needs {PublicValue.Of(other.Text)}",
        _ => $"{Name(one)} is not {Name(other)}",
    };

    /// <summary>An item that had to be in a list.</summary>
    public static string Outside(Item item, Fact list, Facts facts)
    {
        var allowed = facts.List(list).Take(MaxMembers + 1).Select(member => member.ToString()).ToList();
        var more = allowed.Count > MaxMembers ? ", …" : string.Empty;
        var has = item.Kind == ItemKind.Fact ? Said(item.Fact, facts) : Name(item);
        return $"{has}, {list.NameInText()} allows {string.Join(", ", allowed.Take(MaxMembers))}{more}";
    }

    private static string Name(Item item) => item.Kind switch
    {
        ItemKind.Fact => item.Fact.NameInText(),
        ItemKind.Number => PublicValue.Of(item.Number).ToString(),
        ItemKind.Text => PublicValue.Of(item.Text).ToString(),
        _ => $"v{item.Number}",
    };

    private static string Said(Fact fact, Facts facts) =>
        $"{fact.NameInText()} is {InWords(fact, facts[fact])}";

    private static string InWords(Fact fact, PublicValue value) => fact switch
    {
        Fact.ChipLifecycle when value.Number is { } stage => $"{(Lifecycle)stage}".ToLowerInvariant(),
        Fact.PlanMode or Fact.HeaderMode or Fact.OrderMode when value.Number is { } mode =>
            $"{(PackageMode)mode}-mode".ToLowerInvariant(),
        _ => value.ToString(),
    };
}
