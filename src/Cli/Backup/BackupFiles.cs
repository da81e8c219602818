using System.CommandLine;

namespace Keywright.Cli.Backup;

/// <summary>The two public files of the OEM by which everybody judges certificates.</summary>
internal static class BackupFiles
{
    /// <summary>The Issuer's name in every folder.</summary>
    public const string IssuerName = "issuer.cose";

    public static readonly Option<FileInfo> Issuer =
        PartyFolder.FileOption("--issuer", "the OEM's signed issuer", IssuerName);

    public static readonly Option<FileInfo> OrderKey =
        PartyFolder.FileOption("--order-key", "the OEM's public order key, 65 bytes", FileNames.OrderKey);

    /// <summary>The file that was given, else the one under its usual name in the folder.</summary>
    public static byte[] Read(ParseResult parsed, Option<FileInfo> option, PartyFolder folder, string name) =>
        File.ReadAllBytes(folder.PathTo(parsed.GetValue(option), name));
}
