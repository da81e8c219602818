using System.Globalization;
using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Protocol;
using Keywright.Protocol.Commands;

namespace Keywright.Bench;

/// <summary>
/// A part and its place on the line, as times (docs/benchmarks.md says where they come from): a board is put in and taken out, the wire
/// carries what the chip reads, flash erases pages of 4 KiB and programs words of 16 bytes, the core computes on P-256.
/// </summary>
internal sealed record SlowPart(
    string Name,
    int BoardsAtOnce,
    double BoardSeconds,
    double WireBytesPerSecond,
    double EraseSeconds,
    double WordSeconds,
    double PointSeconds)
{
    /// <summary>
    /// Operations on P-256 in one provisioning: three public keys at boot, two signatures verified at two multiplications each, one made.
    /// </summary>
    private const int Points = 8;

    public static IReadOnlyList<SlowPart> All { get; } =
    [
        new("flash of a microcontroller, SWD at 100 KB/s, panels of 16 by a handler", 16, 20, 100e3, 0.0875, 4 * 43e-6, 0.1),
        new("the same, one operator who changes board after board", 1, 8, 100e3, 0.0875, 4 * 43e-6, 0.1),
        new("SPI flash, UART of 921,600 Bd, panels of 16 by a handler", 16, 20, 92e3, 0.045, 0.7e-3 / 16, 0.05),
        new("no times but the station's own", int.MaxValue, 0, double.PositiveInfinity, 0, 0, 0),
    ];

    /// <summary>Puts a board with this chip in; the hands that do it are shared by the line.</summary>
    public IChip Place(SoftChip chip, SemaphoreSlim hands, TimesSpent spent)
    {
        hands.Wait();
        try
        {
            spent.Board(Sleep(BoardSeconds));
        }
        finally
        {
            hands.Release();
        }

        return new SlowChip(this, chip, spent);
    }

    private static double Sleep(double seconds)
    {
        Thread.Sleep(TimeSpan.FromSeconds(seconds));
        return seconds;
    }

    private sealed class SlowChip(SlowPart part, SoftChip chip, TimesSpent spent) : IChip, IDisposable
    {
        private readonly SlowFlash flash = new(chip.Flash);

        public Refusal? Execute(string command, IChipHost host)
        {
            var wire = new SlowWire(host);
            using var device = BootedDevice.Boot(new SiliconWith(chip, flash));
            var refusal = device.Execute(command, wire);
            spent.Wire(Sleep(wire.Bytes / part.WireBytesPerSecond));
            spent.Flash(Sleep((flash.Pages * part.EraseSeconds) + (flash.Words * part.WordSeconds)));
            spent.Arithmetic(Sleep(command == "provisioning" ? Points * part.PointSeconds : 0));
            (flash.Pages, flash.Words) = (0, 0);
            return refusal;
        }

        public void Dispose() => chip.Dispose();
    }

    private sealed class SlowWire(IChipHost host) : IChipHost
    {
        public long Bytes { get; private set; }

        public long SizeOf(string input) => host.SizeOf(input);

        public int Read(string input, long offset, Span<byte> destination)
        {
            var count = host.Read(input, offset, destination);
            Bytes += count;
            return count;
        }

        public void Emit(string output, ReadOnlySpan<byte> bytes)
        {
            Bytes += bytes.Length;
            host.Emit(output, bytes);
        }
    }

    private sealed class SlowFlash(IFlash flash) : IFlash
    {
        public int Pages { get; set; }

        public int Words { get; set; }

        public int PageSize => flash.PageSize;

        public int PageCount => flash.PageCount;

        public void Read(int address, Span<byte> destination) => flash.Read(address, destination);

        public void ErasePage(int page)
        {
            Pages++;
            flash.ErasePage(page);
        }

        public void ProgramWord(int address, ReadOnlySpan<byte> word)
        {
            Words++;
            flash.ProgramWord(address, word);
        }

        public void Sync() => flash.Sync();
    }

    private sealed class SiliconWith(ISilicon silicon, IFlash flash) : ISilicon
    {
        public ImmutableMemory Immutable => silicon.Immutable;

        public IFlash Flash => flash;

        public IMonotonic Monotonic => silicon.Monotonic;

        public void Derive(string name, Span<byte> destination) => silicon.Derive(name, destination);

        public void Noise(Span<byte> destination) => silicon.Noise(destination);
    }
}

/// <summary>What all chips of a line waited for, in seconds.</summary>
internal sealed class TimesSpent
{
    private readonly Lock turn = new();
    private double board;
    private double wire;
    private double flash;
    private double arithmetic;

    public void Board(double seconds) => Add(ref board, seconds);

    public void Wire(double seconds) => Add(ref wire, seconds);

    public void Flash(double seconds) => Add(ref flash, seconds);

    public void Arithmetic(double seconds) => Add(ref arithmetic, seconds);

    public string Of(int chips) => string.Create(
        CultureInfo.InvariantCulture,
        $"{board / chips:0.0} + {wire / chips:0.0} + {flash / chips:0.0} + {arithmetic / chips:0.0}");

    private void Add(ref double sum, double seconds)
    {
        lock (turn)
        {
            sum += seconds;
        }
    }
}
