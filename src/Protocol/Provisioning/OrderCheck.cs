namespace Keywright.Protocol.Provisioning;

/// <summary>
/// What must come before what in one command: facts before they are read, a package verified before anything
/// of it is stored, every asset handled once, nothing but emitting after the commit.
/// </summary>
internal sealed class OrderCheck
{
    private const uint Blank = 0;

    private readonly HashSet<Opcode> seen = [];
    private IReadOnlyList<AssetKind> loopKinds = [];
    private AssetKind covered;
    private int partsHandled;
    private bool stores;
    private uint receiptLifecycle;

    public bool InLoop { get; private set; }

    /// <summary>Whether this loop turns over owners, the one kind that the device reads back.</summary>
    public bool LoopHasOwners => InLoop && loopKinds.Contains(AssetKind.Owner);

    private bool AllCovered => covered == AssetKind.Data;

    /// <summary>The rule of order that this next instruction breaks; null when none.</summary>
    public string? Fault(Instruction instruction) =>
        seen.Contains(Opcode.Commit) && instruction.Opcode != Opcode.Emit
            ? "only emit follows commit"
            : InLoop ? FaultInLoop(instruction.Opcode) : FaultOutside(instruction);

    public string? FaultAtEnd() =>
        InLoop ? "each without end" :
        stores && !seen.Contains(Opcode.Commit) ? "it stores and never commits" :
        null;

    /// <summary>Whether a fact is there by now.</summary>
    public string? FaultOfFact(Fact fact)
    {
        var there = fact switch
        {
            < Fact.PlanHash => true,
            < Fact.HeaderHash => seen.Contains(Opcode.Plan),
            < Fact.OrderHash => seen.Contains(Opcode.Header) || seen.Contains(Opcode.Compose),
            < Fact.AssetNumber => seen.Contains(Opcode.Verify),
            < Fact.PackageTag => InLoop,
            < Fact.LeafChip => seen.Contains(Opcode.Pass),
            _ => seen.Contains(Opcode.Leaf),
        };
        return there ? null : $"{fact} is not known yet";
    }

    /// <summary>Whether a fact may be a size: the asset's, where assets are short, or that of part keys.</summary>
    public string? FaultOfSize(Fact fact) => fact switch
    {
        Fact.HeaderKeysize => FaultOfFact(fact),
        Fact.AssetSize when InLoop && loopKinds[^1] <= AssetKind.Generated => null,
        _ => "only short assets have a size to use",
    };

    private string? FaultInLoop(Opcode opcode) => opcode switch
    {
        Opcode.Each => "loops do not nest",
        Opcode.End => partsHandled == 1 ? null : "a loop handles its asset's part exactly once",
        Opcode.Open or Opcode.Store when !seen.Contains(Opcode.Pass) => "the package has not been passed",
        Opcode.Open when loopKinds[^1] > AssetKind.Owner => "only keys and owners fit a slot",
        Opcode.Store when loopKinds[0] <= AssetKind.Owner => "keys and owners go to the key store",
        Opcode.Put when loopKinds[^1] > AssetKind.Owner => "only keys and owners go to the key store",
        Opcode.Put when !seen.Contains(Opcode.Pass) => "the package has not been passed",
        Opcode.Copy or Opcode.Fill when !seen.Contains(Opcode.Compose) => "no header was composed",
        Opcode.Fill when loopKinds[^1] > AssetKind.Generated => "only secrets are sealed from a slot",
        Opcode.Load or Opcode.Hash or Opcode.Need or Opcode.Derive or Opcode.Open or Opcode.Store
            or Opcode.Put
            or Opcode.Copy or Opcode.Fill => null,
        _ => "does not belong into a loop",
    };

    private string? FaultOutside(Instruction instruction) => instruction.Opcode switch
    {
        Opcode.Open or Opcode.Store or Opcode.Put or Opcode.Copy or Opcode.Fill => "belongs into a loop",
        Opcode.End => "end without each",
        Opcode.Each => FaultOfKinds(instruction[0]),
        Opcode.Plan or Opcode.Verify or Opcode.Pass or Opcode.Parts or Opcode.Receipt or Opcode.Leaf
            when seen.Contains(instruction.Opcode) =>
            "comes once in a command",
        Opcode.Header or Opcode.Compose when seen.Contains(Opcode.Header) || seen.Contains(Opcode.Compose) =>
            "a command handles one package",
        Opcode.Compose when !seen.Contains(Opcode.Plan) => "no plan was read",
        Opcode.Pass when !seen.Contains(Opcode.Header) => "no header was read",
        Opcode.Parts when !seen.Contains(Opcode.Compose) || !AllCovered =>
            "not every kind of asset has been sealed",
        Opcode.Receipt when !seen.Contains(Opcode.Pass) => "the package has not been passed",
        Opcode.Hseal when !seen.Contains(Opcode.Leaf) => "no chip of a list was read",
        Opcode.Commit => FaultOfCommit(instruction),
        _ => null,
    };

    private string? FaultOfCommit(Instruction instruction) =>
        !seen.Contains(Opcode.Receipt) ? "there is no receipt to commit" :
        !AllCovered ? "not every kind of asset has been installed" :
        instruction[2].Number != receiptLifecycle ? "the receipt says another lifecycle" :
        instruction[2].Number == Blank ? "a commit leaves no chip blank" :
        null;

    private string? FaultOfKinds(Operand kinds)
    {
        if (!seen.Contains(Opcode.Pass) && !seen.Contains(Opcode.Compose))
        {
            return "there are no assets yet";
        }

        var next = covered;
        foreach (var item in kinds.Items)
        {
            if ((AssetKind)item.Number != next + 1)
            {
                return $"{next + 1} comes next: every kind once, in order";
            }

            next++;
        }

        return null;
    }

    /// <summary>The instruction has passed: what it makes known is there from now on.</summary>
    public void Note(Instruction instruction)
    {
        seen.Add(instruction.Opcode);
        switch (instruction.Opcode)
        {
            case Opcode.Each:
                loopKinds = [.. instruction[0].Items.Select(item => (AssetKind)item.Number)];
                covered = loopKinds[^1];
                partsHandled = 0;
                InLoop = true;
                break;
            case Opcode.End:
                InLoop = false;
                break;
            case Opcode.Open or Opcode.Copy or Opcode.Fill:
                partsHandled++;
                break;
            case Opcode.Store:
                partsHandled++;
                stores = true;
                break;
            case Opcode.Put:
                stores = true;
                break;
            case Opcode.Receipt:
                receiptLifecycle = instruction[3].Number;
                break;
            default:
                break;
        }
    }
}
