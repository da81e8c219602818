using Keywright.Protocol;
using Keywright.Protocol.Backup;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Opening.Backup;
using Keywright.Protocol.Sealing.Backup;

namespace Keywright.UnitTests.Protocol.Backup;

public sealed class BackupLimitTests
{
    private static readonly SealKey Root = SealKey.FromBytes(new byte[SealKey.Size]);
    private static readonly ChipId Chip = ChipId.FromRandom(new byte[16]);

    [Theory]
    [InlineData(0)]
    [InlineData(SealedBackup.MaxStoreBytes)]
    public void The_smallest_and_the_largest_store_come_back(int size)
    {
        var store = new byte[size];
        new SeededEntropy(1).Fill(store);
        var bytes = BackupSealer.Seal(Root, Chip, Digest.Zero, 1, store).Write();
        var backup = SealedBackup.Parse(bytes).OrThrow();
        Assert.Equal(store, BackupOpener.Open(Root, Chip, Digest.Zero, backup).OrThrow());
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, SealedBackup.MaxStoreBytes + 1)]
    public void A_backup_that_no_reader_takes_is_not_made(ulong number, int size) =>
        Assert.Throws<ArgumentOutOfRangeException>(
            () => BackupSealer.Seal(Root, Chip, Digest.Zero, number, new byte[size]));
}
