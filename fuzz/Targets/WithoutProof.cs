using Keywright.Protocol.Images;

namespace Keywright.Fuzz.Targets;

/// <summary>Accepted vectors of what nothing proves: changed, they may be accepted too.</summary>
internal static class WithoutProof
{
    /// <summary>None for a folder that has nothing of the kind.</summary>
    public static IEnumerable<AcceptedPart> In(string folder) => folder switch
    {
        "cbor" => Vector.Good(folder).Select(it => AcceptedPart.Of(it, "item", item => ProfileItem.Judge(item))),
        "images" => Vector.Good(folder)
            .Where(it => it.Text("kind") == "elf")
            .Select(it => AcceptedPart.Of(it, "input", file => Answer.Of(new Elf(ElfTarget.Arm).Read(file)))),
        _ => [],
    };
}
