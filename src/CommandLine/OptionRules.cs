using System.CommandLine;
using System.CommandLine.Parsing;
using Keywright.Protocol;

namespace Keywright.CommandLine;

/// <summary>What an option's value has to be, said while the command line is read.</summary>
public static class OptionRules
{
    /// <summary>An option for a digest, as reports show it.</summary>
    public static Option<string?> DigestOption(string name, string description) =>
        new Option<string?>(name) { Description = description }
            .Must(
                text => text is { Length: 2 * Digest.Size } && text.All(char.IsAsciiHexDigit),
                "64 hex digits");

    /// <summary>Refuses to understand any other value: "--count: 1 to 65536".</summary>
    public static Option<T> Must<T>(this Option<T> option, Func<T, bool> isGood, string rule)
    {
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && result.GetValueOrDefault<T>() is { } value && !isGood(value))
            {
                result.AddError($"{option.Name}: {rule}.");
            }
        });
        return option;
    }

    /// <summary>An option that means nothing without another.</summary>
    public static void Needs(this Command command, Option option, Option other) =>
        command.Validators.Add(result =>
        {
            if (IsGiven(result, option) && !IsGiven(result, other))
            {
                result.AddError($"{option.Name} needs {other.Name}.");
            }
        });

    /// <summary>A command with nothing to do without one of these.</summary>
    public static void NeedsOneOf(this Command command, params Option[] options) =>
        command.Validators.Add(result =>
        {
            if (!options.Any(option => IsGiven(result, option)))
            {
                var names = string.Join(" or ", options.Select(option => option.Name));
                result.AddError($"Nothing to do: give {names}.");
            }
        });

    private static bool IsGiven(CommandResult result, Option option) =>
        result.GetResult(option) is { Implicit: false };
}
