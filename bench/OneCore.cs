using System.Diagnostics;

namespace Keywright.Bench;

/// <summary>Ours and the peers run on the same core: children inherit the pinning.</summary>
internal static class OneCore
{
    public static void Pin()
    {
        if (OperatingSystem.IsLinux() || OperatingSystem.IsWindows())
        {
            using var self = Process.GetCurrentProcess();
            self.ProcessorAffinity = 1 << (Environment.ProcessorCount - 1);
        }
    }
}
