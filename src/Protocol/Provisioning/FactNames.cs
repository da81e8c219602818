namespace Keywright.Protocol.Provisioning;

/// <summary>How program text names facts: <c>chip.lifecycle</c> (docs/spec/provisioning.md §3).</summary>
public static class FactNames
{
    /// <summary>The name of a fact.</summary>
    public static string NameInText(this Fact fact)
    {
        var name = fact.ToString();
        var second = name.AsSpan(1).IndexOfAnyInRange('A', 'Z') + 1;
        return $"{name[..second]}.{name[second..]}".ToLowerInvariant();
    }
}
