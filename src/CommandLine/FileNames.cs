using System.CommandLine;
using System.Globalization;
using Keywright.Protocol;
using Keywright.Protocol.Provisioning;

namespace Keywright.CommandLine;

/// <summary>Under which names files lie in the parties' folders.</summary>
public static class FileNames
{
    public const string Keys = "keys.kwk";
    public const string ChipMakerKey = "chipmaker.pub";
    public const string Program = "program.cose";
    public const string Lots = "lots";
    public const string ListSuffix = ".list.cose";
    public const string LeavesSuffix = ".leaves";
    public const string OrderKey = "order.pub";
    public const string ModuleKey = "module.pub";
    public const string Packages = "packages";
    public const string PackageSuffix = ".package";
    public const string UnlockSuffix = ".unlock";
    public const string UnlocksSuffix = ".unlocks";
    public const string Safe = "safe";
    public const string Orders = "orders";
    public const string OrderSuffix = ".cose";
    public const string CountedSuffix = ".chips.cose";
    public const string Receipts = "receipts";
    public const string ReceiptSuffix = ".receipt";
    public const string JournalSuffix = ".journal";
    public const string SiteDatabase = "site.db";
    public const string ProgrammingKey = "programming.pub";
    public const string IssuingKey = "issuing.pub";
    public const string StationKey = "station.pub";
    public const string ProgrammingJournal = "programming.journal";

    /// <summary>Where the program of an epoch stays when another is signed.</summary>
    public static string FormerProgram(uint epoch) =>
        string.Create(CultureInfo.InvariantCulture, $"program-{epoch}.cose");

    /// <summary>Whether a name of a message can name a file without leading elsewhere.</summary>
    public static bool CanName(string name) =>
        ShortText.IsValid(name) && name[0] != '.' && !name.Contains('\\')
        && name.AsSpan().IndexOfAny(Path.GetInvalidFileNameChars()) < 0;

    /// <summary>An option whose value will name a file.</summary>
    public static Option<string> Option(string option, string description) =>
        new Option<string>(option) { Description = description, Required = true }
            .Must(CanName, "1 to 32 printable ASCII characters that can name a file");
}
