using Keywright.Protocol.Cbor;
using Keywright.Protocol.Keys;

namespace Keywright.Protocol.Firmware;

/// <summary>One program of a module (docs/spec/module.md §3).</summary>
/// <param name="Name">Names it among its owner's programs, 1–32 bytes.</param>
/// <param name="Kind">What it is to the device.</param>
/// <param name="Version">For people, 1–32 bytes; the module's sequence orders.</param>
/// <param name="BuildId">Finds the symbols of a dump, 0–64 bytes.</param>
/// <param name="Hash">H of its bytes.</param>
/// <param name="Size">How many bytes.</param>
/// <param name="Diagnostics">The kid of the key under which its dumps go home; null: it has none.</param>
public sealed record ModuleProgram(
    string Name,
    ProgramKind Kind,
    string Version,
    ReadOnlyMemory<byte> BuildId,
    Digest Hash,
    uint Size,
    Digest? Diagnostics)
{
    public const int MaxBuildIdSize = 64;

    /// <summary>The longest program, in bytes.</summary>
    public const uint MaxSize = 1u << 30;

    public void Write(CborWriter writer)
    {
        writer.Map(Diagnostics is null ? 6 : 7).Key(1).Text(Name).Key(2).UInt((uint)Kind);
        writer.Key(3).Text(Version).Key(4).Bytes(BuildId.Span).Key(5).Digest(Hash).Key(6).UInt(Size);
        if (Diagnostics is { } kid)
        {
            writer.Key(7).Digest(kid);
        }
    }

    public static ModuleProgram Read(ref CborReader reader)
    {
        reader.Map(7);
        reader.Key(1);
        var name = ProgramName.Read(ref reader);
        reader.Key(2);
        var kind = (ProgramKind)reader.Positive((uint)ProgramKind.Dummy);
        reader.Key(3);
        var version = ShortText.Read(ref reader);
        reader.Key(4);
        var build = reader.Bytes(0, MaxBuildIdSize).ToArray();
        reader.Key(5);
        var hash = reader.Digest();
        reader.Key(6);
        var size = reader.UInt32(MaxSize);
        Digest? diagnostics = reader.TryKey(7) ? reader.Digest() : null;
        reader.EndMap();
        return new ModuleProgram(name, kind, version, build, hash, size, diagnostics);
    }
}

/// <summary>What a program is to the device.</summary>
public enum ProgramKind
{
    /// <summary>Runs from the application area.</summary>
    Application = 1,

    /// <summary>Runs first, from the protected area.</summary>
    Bootloader = 2,

    /// <summary>Accessory data: tables, images, configuration, sound.</summary>
    Data = 3,

    /// <summary>Stands where an application will, and asks for it.</summary>
    Dummy = 4,
}

/// <summary>
/// A key under which dumps go home; its kid is H of the 65 bytes. An owner numbers its keys by epoch.
/// </summary>
public sealed record ModuleKey(HpkePublicKey Public, uint Epoch);

/// <summary>A program that must be installed, at this sequence or a later one.</summary>
public sealed record Requirement(string Program, ulong Sequence);

/// <summary>The names of programs, which stand in messages and in flash.</summary>
public static class ProgramName
{
    /// <summary>The longest, in bytes.</summary>
    public const int MaxSize = 32;

    /// <summary>
    /// A program's name: 1–32 of a–z, 0–9, '-', '.', '_', because it becomes part of an object's name.
    /// </summary>
    public static string Read(ref CborReader reader)
    {
        var name = reader.Text(1, MaxSize);
        if (!reader.Failed && !IsValid(name))
        {
            reader.Refuse(Reason.Malformed, "a program name is a–z, 0–9, '-', '.' and '_'");
        }

        return name;
    }

    /// <summary>True for 1–32 characters of the alphabet above.</summary>
    public static bool IsValid(string name) =>
        name.Length is > 0 and <= MaxSize
        && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.' or '_');
}
