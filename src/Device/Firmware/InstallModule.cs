using System.Security.Cryptography;
using Keywright.Device.Chip;
using Keywright.Device.Provisioning;
using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Firmware;

namespace Keywright.Device.Firmware;

/// <summary>
/// Command "install-module" (docs/spec/module.md §6): installs a whole module that is at hand, as a factory
/// or a service point does. Inputs "module" and "bodies" (the programs in clear, one behind the other). One
/// switch installs all programs and files their keys, or none.
/// </summary>
internal static class InstallModule
{
    /// <summary>
    /// Refusals: those of <see cref="JudgeModule"/>, MissingInput, BodyMismatch, StoreFull.
    /// </summary>
    public static Refusal? Run(ChipState chip, IChipHost host)
    {
        if (new Inputs(host).Take("module", Module.Type.MaxSizeBytes)
            .Refused(out var manifest, out var missing))
        {
            return missing;
        }

        if (JudgeModule.Judge(chip, manifest).Refused(out var module, out var unfit))
        {
            return unfit;
        }

        using var transaction = chip.Journal.Begin();
        var start = 0L;
        foreach (var program in module.Module.Programs)
        {
            if (WriteProgram(
                transaction, module.Module.Owner, program, new ClearBody(host, start)) is { } why)
            {
                return why;
            }

            start += program.Size;
        }

        if (StageTable(transaction, module) is { } full)
        {
            return full;
        }

        transaction.Commit();
        return null;
    }

    /// <summary>
    /// Streams one program into free pages; its digest must be the manifest's. The caller commits or drops.
    /// </summary>
    internal static Refusal? WriteProgram(
        Transaction transaction, Digest owner, ModuleProgram program, IBodySource source)
    {
        var name = InstalledProgram.NameOf(owner, program.Name);
        if (transaction.Create(name, (int)program.Size) is { } full)
        {
            return full;
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var chunk = GC.AllocateUninitializedArray<byte>(BodyShape.ChunkSize, pinned: true);
        var written = 0L;
        for (var index = 0L; index < BodyShape.ChunksOf(program.Size); index++)
        {
            var size = (int)Math.Min(BodyShape.ChunkSize, program.Size - written);
            if (source.ReadChunk(index, program.Size, chunk.AsSpan(0, size)) is { } why)
            {
                CryptographicOperations.ZeroMemory(chunk);
                return why;
            }

            hash.AppendData(chunk, 0, size);
            transaction.Append(chunk.AsSpan(0, size));
            written += size;
        }

        CryptographicOperations.ZeroMemory(chunk);
        return new Digest(hash.GetHashAndReset()) == program.Hash
            ? null
            : new Refusal(Reason.BodyMismatch, $"{program.Name} is not what its manifest says");
    }

    /// <summary>The table of programs and keys, in the same commit.</summary>
    internal static Refusal? StageTable(Transaction transaction, AcceptedModule module) =>
        transaction.Put(InstalledPrograms.ObjectName, module.Afterwards.Encode());
}
