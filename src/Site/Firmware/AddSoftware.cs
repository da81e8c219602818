using Keywright.Protocol;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Keys;

namespace Keywright.Site.Firmware;

/// <summary>Takes a module and its programs into the archive (docs/spec/module.md §5).</summary>
public sealed class AddSoftware(ISoftwareArchive archive, TimeProvider clock)
{
    /// <summary>
    /// Order of checks: message, owner, signature, then each program's size and digest. Nothing is listed
    /// before all of it is stored. Refusals: those of parsing, ForeignModule, BadSignature, BodyMismatch.
    /// </summary>
    public Outcome<Software> Add(
        ReadOnlyMemory<byte> manifest, PublicKey owner, IReadOnlyList<Stream> programs)
    {
        if (Message.Parse<Module>(manifest).Refused(out var parsed, out var malformed))
        {
            return malformed;
        }

        if (parsed.Claimed.Owner != owner.Id)
        {
            return new Refusal(
                Reason.ForeignModule, $"a module of owner {parsed.Claimed.Owner}, not of {owner}");
        }

        if (parsed.VerifySignature(owner).Refused(out var module, out var forged))
        {
            return forged;
        }

        if (programs.Count != module.Content.Programs.Count)
        {
            return new Refusal(
                Reason.BodyMismatch, $"{programs.Count} bodies for {module.Content.Programs.Count} programs");
        }

        foreach (var (program, content) in module.Content.Programs.Zip(programs))
        {
            if (!archive.Store(program.Hash, program.Size, content))
            {
                return new Refusal(Reason.BodyMismatch, $"{program.Name} is not what its manifest says");
            }
        }

        var software = new Software(module.Digest, module.Content, module.Bytes);
        archive.List(software, clock.GetUtcNow());
        return software;
    }
}
