using System.CommandLine;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Keywright.Protocol;
using Keywright.Protocol.Keys;
using Spectre.Console;

namespace Keywright.CommandLine;

/// <summary>One run of one command: its ports to the world, and how it answers.</summary>
public sealed class Session(ParseResult parsed)
{
    public static readonly Option<bool> Json = new("--json")
    {
        Description = "print reports and refusals as JSON",
        Recursive = true,
    };

    public static readonly Option<FileInfo?> PassphraseFile = new("--passphrase-file")
    {
        Description = "file that holds the passphrase of this party's key file (else KEYWRIGHT_PASSPHRASE, else asked)",
        Recursive = true,
    };

    // What is printed goes into no web page: quotes and letters stay as they are.
    private static readonly JsonSerializerOptions OneLine =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonSerializerOptions Indented = new(OneLine) { WriteIndented = true };

    /// <summary>Whether reports and refusals are for programs.</summary>
    public bool AsJson => parsed.GetValue(Json);

    /// <summary>Where reports go.</summary>
    public TextWriter Out => parsed.InvocationConfiguration.Output;

    /// <summary>Where refusals and progress go.</summary>
    public TextWriter Error => parsed.InvocationConfiguration.Error;

    public IEntropy Entropy { get; } = new SystemEntropy();

    public TimeProvider Clock { get; } = TimeProvider.System;

    /// <summary>
    /// The passphrase of the party's key file, in bytes that the caller wipes; a new one is asked twice.
    /// Throws <see cref="IOException"/> when there is none and nobody to ask.
    /// </summary>
    public byte[] Passphrase(bool isNew = false)
    {
        if (parsed.GetValue(PassphraseFile) is { } file)
        {
            return File.ReadAllBytes(file.FullName).AsSpan().TrimEnd("\r\n"u8).ToArray();
        }

        return Environment.GetEnvironmentVariable("KEYWRIGHT_PASSPHRASE") is { Length: > 0 } given
            ? Encoding.UTF8.GetBytes(given)
            : AskPassphrase(isNew);
    }

    /// <summary>Prints a report: a table for people, or the same as JSON.</summary>
    public int Report(JsonNode report)
    {
        if (AsJson)
        {
            Out.WriteLine(report.ToJsonString(Indented));
        }
        else
        {
            ReportView.Write(report, Out);
        }

        return Host.Done;
    }

    /// <summary>Prints a refusal: why, what, and what to do.</summary>
    public int Refuse(Refusal refusal)
    {
        var advice = Advice.For(refusal.Reason);
        if (AsJson)
        {
            Out.WriteLine(new JsonObject
            {
                ["refused"] = refusal.Name,
                ["what"] = refusal.Detail,
                ["meaning"] = advice.Meaning,
                ["todo"] = advice.ToDo,
            }.ToJsonString(OneLine));
        }
        else
        {
            Error.WriteLine($"refused  {refusal.Name}: {advice.Meaning}");
            Error.WriteLine($"what     {refusal.Detail}");
            Error.WriteLine($"to do    {advice.ToDo}");
        }

        return Host.Refused;
    }

    private byte[] AskPassphrase(bool isNew)
    {
        if (Console.IsInputRedirected || !Terminal.IsWatched(Error))
        {
            throw new IOException(
                "no passphrase: set KEYWRIGHT_PASSPHRASE or give --passphrase-file; "
                + "there is no terminal to ask at.");
        }

        var typed = Ask(isNew ? "Passphrase of the new key file:" : "Passphrase of the key file:");
        return !isNew || Ask("The same again:") == typed
            ? Encoding.UTF8.GetBytes(typed)
            : throw new IOException("the two passphrases differ.");
    }

    private string Ask(string question) =>
        Terminal.Over(Error).Prompt(new TextPrompt<string>(question).Secret(null));
}
