using System.CommandLine;
using System.Data.Common;

namespace Keywright.CommandLine;

/// <summary>
/// Where faults of the environment end, once: they are said with what to do. Bugs go through and crash.
/// Exit codes: 0 done · 1 refused · 2 not understood · 3 a fault of the environment.
/// </summary>
public static class Host
{
    public const int Done = 0;
    public const int Refused = 1;
    public const int NotUnderstood = 2;
    public const int Fault = 3;

    public static async Task<int> RunAsync(RootCommand root, string[] args)
    {
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            await parsed.InvokeAsync();
            return NotUnderstood;
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (Exception fault) when (
            fault is IOException or UnauthorizedAccessException or InvalidDataException or DbException)
        {
            await Console.Error.WriteLineAsync($"keywright: {fault.Message}");
            await Console.Error.WriteLineAsync(
                "Nothing that was acknowledged is lost. Mend the cause (path, permissions, disk, connection) and run the command again.");
            return Fault;
        }
    }
}
