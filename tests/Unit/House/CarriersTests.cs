using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Keywright.UnitTests.House;

/// <summary>Who carries cannot open: read from the built assemblies, not from the sources.</summary>
public class CarriersTests
{
    private const string Opening = "Keywright.Protocol.Opening";

    [Fact]
    public void The_public_directory_is_built_without_anything_that_opens()
    {
        Assert.DoesNotContain(NamespacesSeenBy("Keywright.PublicDirectory.dll"), IsOpening);
    }

    /// <summary>In FIG. 5 a station opens one device's file in memory; nothing else.</summary>
    [Fact]
    public void A_station_is_built_without_anything_that_opens_but_its_own_program_files()
    {
        Assert.DoesNotContain(
            NamespacesSeenBy("Keywright.Station.dll"),
            seen => IsOpening(seen) && seen != $"{Opening}.Firmware");
    }

    /// <summary>That the two tests above look where the compiler writes what it used.</summary>
    [Fact]
    public void What_an_assembly_uses_of_another_is_seen()
    {
        Assert.Contains("Keywright.Protocol.Keys", NamespacesSeenBy("Keywright.UnitTests.dll"));
    }

    private static bool IsOpening(string seen) =>
        seen == Opening || seen.StartsWith($"{Opening}.", StringComparison.Ordinal);

    private static List<string> NamespacesSeenBy(string assembly)
    {
        using var file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, assembly));
        using var image = new PEReader(file);
        var metadata = image.GetMetadataReader();
        return metadata.TypeReferences
            .Select(metadata.GetTypeReference)
            .Select(type => metadata.GetString(type.Namespace))
            .Distinct()
            .ToList();
    }
}
