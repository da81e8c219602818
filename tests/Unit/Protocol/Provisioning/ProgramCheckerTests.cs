using Keywright.Owner.Provisioning;
using Keywright.Protocol;
using Keywright.Protocol.Provisioning;

namespace Keywright.UnitTests.Protocol.Provisioning;

/// <summary>
/// Programs that a chip maker should never sign, one for each rule, and that no chip runs if he does.
/// </summary>
public sealed class ProgramCheckerTests
{
    private const string Package = "plan \"p\"\nload v0 = 1\ncompose v0\n";
    private const string Passed = "header \"p\"\npass v0 else damaged-package\nroot k0 = oem-share\n";
    private const string Part = "derive k1 = k0 \"asset\" [header.hash, asset.number] header.keysize\n";
    private const string AllData =
        "each key seed share generated owner certificate program configuration data\n";

    private const string OwnersToo = "fresh k3 = 65\neach key seed share generated owner\n";
    private const string Open = "open k2 under k1 else damaged-package\n";
    private const string Mine = "secret k1 = \"mine\" 32 to 32\n";
    private const string Root = "root k0 = oem-share\n";
    private const string Fresh = "fresh k0 = 32\n";
    private const string Copy = "copy \"c\" to \"o\" under k1\n";
    private const string Leaf = "leaf \"l\" in \"list\" else bad-proof\n";
    private const string Hseal = "hseal v0 = k1 to leaf \"x\" []";
    private const string Hopen = "hopen k1 = 1 \"a\" [] else malformed\n";
    private const string FromX = " = k0 \"x\" [] 32\n";

    [Fact]
    [Trait("Req", "P12")]
    public void The_products_own_program_is_confined()
    {
        Assert.Null(Check(ProvisioningBench.ProgramText));
    }

    [Theory]
    // Slots are written before they are read.
    [InlineData("emit \"x\" = v0", "v0 is read before it is written")]
    [InlineData("fresh k0 = 32\nderive k2 = k1 \"x\" [] 32", "k1 is read before it is written")]
    [InlineData("fresh k0 = 32\nderive k2 = k0 \"x\" [v3] 32", "v3 is read before it is written")]
    [InlineData("extract k0 = \"x\" [k0]", "k0 is read before it is written")]
    // A secret stands where public items belong.
    [InlineData("fresh k0 = 32\nemit \"x\" = k0", "a secret stands where public items belong")]
    [InlineData("fresh k0 = 32\nhash v0 = [k0]", "a secret stands where public items belong")]
    [InlineData("fresh k0 = 32\npack v0 = [k0]", "a secret stands where public items belong")]
    [InlineData("load v0 = k3", "a secret stands where public items belong")]
    [InlineData("emit \"x\" = shares", "a secret stands where public items belong")]
    [InlineData("fresh k0 = 32\nneed k0 = 1 else malformed", "a secret stands where public items belong")]
    [InlineData("fresh k0 = 32\nderive k1 = k0 \"x\" [k0] 32", "a secret stands where public items belong")]
    [InlineData("fresh k0 = 32\nderive k1 = k0 \"x\" [] k0", "a size is a number")]
    // It leaves only wrapped under a key rooted in the chip.
    [InlineData("fresh k0 = 32\nsecret k1 = \"mine\" 32 to 32\nwrap v0 = k0 under k1",
        "k1 is not rooted in the chip")]
    [InlineData(
        "fresh k0 = 32\nsecret k1 = \"mine\" 32 to 32\nderive k2 = k1 \"x\" [] 32\nwrap v0 = k0 under k2",
        "k2 is not rooted in the chip")]
    [InlineData(
        "fresh k0 = 32\nsecret k1 = \"mine\" 32 to 32\nextract k2 = \"x\" [k1]\nwrap v0 = k0 under k2",
        "k2 is not rooted in the chip")]
    [InlineData("secret k0 = \"mine\" 32 to 32\ncmac v0 = 1 under k0", "k0 is not rooted in the chip")]
    [InlineData(
        Fresh + Mine + "fresh k1 = 32\nsecret k1 = \"yours\" 32 to 32\nwrap v0 = k0 under k1",
        "k1 is not rooted in the chip")]
    // An input that is a secret has one name and one reader.
    [InlineData(Mine + "digest v0 = \"mine\"", "the input \"mine\" is a secret and is named twice")]
    [InlineData(Mine + "field v0 = \"mine\" 0 of 1", "the input \"mine\" is a secret and is named twice")]
    [InlineData("field v0 = \"mine\" 0 of 1\n" + Mine, "the input \"mine\" is a secret and is named twice")]
    [InlineData(Mine + "plan \"mine\"", "the input \"mine\" is a secret and is named twice")]
    [InlineData(Mine + "verify \"o\" by \"mine\" else bad-signature", "the input \"mine\" is a secret")]
    [InlineData(Mine + Mine, "the input \"mine\" is a secret and is named twice")]
    // Roots and shares leave in no form.
    [InlineData(
        "root k0 = master-share\nfresh k1 = 32\nwrap v0 = k0 under k1", "k0 is a root and leaves in no form")]
    [InlineData(
        Root + "extract k1 = \"x\" [k0]\n" + Root + "fresh k2 = 32\nwrap v0 = k0 under k2",
        "k0 is a root and leaves in no form")]
    // A key that can be tried out roots nothing; a root only derives.
    [InlineData("fresh k0 = 1\nderive k1 = k0 \"x\" [] 32\nfresh k2 = 32\nwrap v0 = k2 under k1",
        "k1 is not rooted in the chip")]
    [InlineData("fresh k0 = 32\nderive k1 = k0 \"x\" [] 1\nfresh k2 = 32\nwrap v0 = k2 under k1",
        "k1 is not rooted in the chip")]
    [InlineData("root k0 = oem-share\nfresh k1 = 32\nwrap v0 = k1 under k0", "k0 is a root: keys are derived from it")]
    [InlineData("root k0 = oem-share\ncmac v0 = 1 under k0", "k0 is a root: keys are derived from it")]
    // AES-256 has keys of 32 bytes.
    [InlineData("fresh k0 = 64\nfresh k1 = 32\nwrap v0 = k1 under k0", "k0 is no AES key of 32 bytes")]
    [InlineData("fresh k0 = 32\nderive k1 = k0 \"x\" [] 33\nunwrap k2 = 1 under k1 else malformed",
        "k1 is no AES key of 32 bytes")]
    [InlineData(Fresh + "derive k1 = k0 \"x\" [] 64\ncmac v0 = 1 under k1", "k1 is no AES key of 32 bytes")]
    // One purpose for each key, and for each label.
    [InlineData("fresh k0 = 32\nfresh k1 = 32\nwrap v0 = k1 under k0\nderive k2 = k0 \"x\" [] 32",
        "k0 serves Kek and cannot serve Parent")]
    [InlineData("fresh k0 = 32\nderive k1 = k0 \"x\" [] 32\ncmac v0 = 1 under k1\nwrap v1 = k1 under k1",
        "k1 serves Mac")]
    [InlineData(
        Fresh + "derive k1" + FromX + "derive k2" + FromX
            + "cmac v0 = 1 under k1\nfresh k3 = 32\nwrap v1 = k3 under k2",
        "the label \"x\" makes keys for Mac and for Kek")]
    // What may be shown says so in its label.
    [InlineData("fresh k0 = 32\npublic v0 = k0 \"key\" [] 32", "a public value needs a label that begins")]
    [InlineData("fresh k0 = 32\nderive k1 = k0 \"public key\" [] 32", "is one for public values")]
    [InlineData("fresh k0 = 32\nextract k1 = \"public key\" [k0]", "is one for public values")]
    // Facts are read when they are there.
    [InlineData("emit \"x\" = header.hash", "HeaderHash is not known yet")]
    [InlineData("emit \"x\" = order.hash", "OrderHash is not known yet")]
    [InlineData("emit \"x\" = package.tag", "PackageTag is not known yet")]
    [InlineData("emit \"x\" = asset.ref", "AssetRef is not known yet")]
    [InlineData("emit \"x\" = plan.hash", "PlanHash is not known yet")]
    [InlineData("emit \"x\" = order.lots", "a list is not an item")]
    [InlineData("member chip.lot in order.lots else wrong-lot", "OrderLots is not known yet")]
    [InlineData("member chip.lot in chip.id else wrong-lot", "there is no such list")]
    [InlineData("emit \"x\" = leaf.chip", "LeafChip is not known yet")]
    // Sizes fit a slot.
    [InlineData("fresh k0 = 1025", "a slot holds 1 to 1024 bytes")]
    [InlineData("fresh k0 = 0", "a slot holds 1 to 1024 bytes")]
    [InlineData("fresh k0 = asset.size", "only short assets have a size to use")]
    [InlineData("fresh k0 = chip.shares", "only short assets have a size to use")]
    [InlineData("fresh k0 = header.keysize", "HeaderKeysize is not known yet")]
    // Sealing.
    [InlineData("compose 1", "no plan was read")]
    [InlineData(Package + "parts v1", "not every kind of asset has been sealed")]
    [InlineData(Package + "plan \"p\"", "comes once in a command")]
    [InlineData(Package + "header \"p\"", "a command handles one package")]
    [InlineData(Package + "each key\nend", "a loop handles its asset's part exactly once")]
    [InlineData(Package + "each seed\nend", "Key comes next")]
    [InlineData(Package + "each key key\nend", "Seed comes next")]
    [InlineData(Package + "each key\neach seed", "loops do not nest")]
    [InlineData(Package + "each key", "each without end")]
    [InlineData("end", "end without each")]
    [InlineData("each key\nend", "there are no assets yet")]
    [InlineData(Package + "each key\nrandom v1 = 16\nend", "does not belong into a loop")]
    [InlineData(Package + "fresh k0 = 32\ncopy \"c\" to \"o\" under k0", "belongs into a loop")]
    [InlineData(Package + "fresh k0 = 32\neach key\ncopy \"c\" to \"o\" under k0\nend",
        "was not derived in this loop")]
    [InlineData(
        Package + Fresh + "each key\nderive k1 = k0 \"asset\" [header.hash] header.keysize\n" + Copy + "end",
        "was not derived in this loop")]
    [InlineData(
        Package + Fresh + "each key\nderive k1 = k0 \"asset\" [asset.number] header.keysize\n" + Copy + "end",
        "was not derived in this loop")]
    [InlineData(
        Package + Fresh + "each key\nderive k1 = k0 \"asset\" [header.hash, asset.number] 16\n" + Copy
            + "end",
        "k1 is not rooted in the chip")]
    [InlineData(
        Package + Fresh + "each key\nderive k1 = k0 \"asset\" [header.hash, asset.number] 32\n" + Copy
            + "end",
        "was not derived in this loop")]
    [InlineData(
        Package + Fresh + "each key\nderive k1 = k0 \"asset\" [header.hash, asset.number] 64\n" + Copy
            + "end",
        "was not derived in this loop")]
    [InlineData(Package + Fresh + "derive k1 = k0 \"x\" [] header.keysize\ncmac v1 = 1 under k1",
        "k1 is no AES key of 32 bytes")]
    [InlineData(
        Package + Fresh + "each key\nderive k1 = k0 \"asset\" [chip.family, header.hash, asset.number] header.keysize\n" + Copy
            + "end",
        "was not derived in this loop")]
    [InlineData(
        Package + "secret k0 = \"mine\" 32 to 32\neach key\n" + Part + Copy + "end", "k1 is not rooted")]
    [InlineData(Package + "root k0 = oem-share\neach key\n" + Part + Copy + Copy + "end",
        "a loop handles its asset's part exactly once")]
    [InlineData(Package + "root k0 = oem-share\n" + AllData + Part + "fill k0 to \"o\" under k1\nend",
        "only secrets are sealed from a slot")]
    [InlineData(Package + "root k0 = oem-share\neach key\n" + Part + "fill k0 to \"o\" under k1\nend",
        "k0 serves Parent")]
    [InlineData(Package + "fresh k0 = 32\neach key\nderive k0 = k0 \"x\" [] 32\nend",
        "k0 was written before the loop")]
    [InlineData(Package + "fresh k0 = 32\neach key\n" + Part + Copy + "end\nderive k2 = k1 \"x\" [] 32",
        "k1 is read before it is written")]
    [InlineData(
        Package + Fresh + "each key\nload v0 = 1\n" + Part + Copy + "end", "v0 was written before the loop")]
    [InlineData(
        Package + Fresh + "each key\nload v5 = asset.number\n" + Part + Copy + "end\nemit \"o\" = v5",
        "v5 is read before it is written")]
    // Installing: the package is passed before, committed after, and only emit follows.
    [InlineData("header \"p\"\neach key\nend", "there are no assets yet")]
    [InlineData("pass v0 else damaged-package", "no header was read")]
    [InlineData(
        Package + "root k0 = oem-share\neach key\n" + Part + "open k2 under k1 else damaged-package\nend",
        "the package has not been passed")]
    [InlineData(Package + "root k0 = oem-share\nfresh k2 = 32\neach key\n" + Part + "put k2\nend",
        "the package has not been passed")]
    [InlineData(Passed + "each key\n" + Part + "store \"a/\" under k1 else damaged-package\nend",
        "keys and owners go to the key store")]
    [InlineData(Passed + AllData + Part + "open k2 under k1 else damaged-package\nend",
        "only keys and owners fit a slot")]
    [InlineData(
        Passed + "fresh k2 = 32\n" + AllData + "put k2\nend", "only keys and owners go to the key store")]
    [InlineData(Passed + "each key\n" + Part + "open k2 under k1 else damaged-package\nput k2\nend",
        "it stores and never commits")]
    [InlineData(Passed + "each key\n" + Part + Copy + "end", "no header was composed")]
    [InlineData(Passed + OwnersToo + Part + Open + "put k3\nend", "k3 was not opened in this loop")]
    [InlineData(Passed + OwnersToo + "derive k2 = k0 \"x\" [] 65\n" + Part + "put k2\n" + Open + "end",
        "k2 was not opened in this loop")]
    [InlineData(Passed + OwnersToo + Part + Open + "derive k2 = k0 \"x\" [] 65\nput k2\nend",
        "k2 was not opened in this loop")]
    [InlineData(Passed + "commit v0 owner header.oem provisioned", "there is no receipt to commit")]
    [InlineData(Passed + "receipt v1 = v0 v0 provisioned\ncommit v1 owner header.oem provisioned",
        "not every kind of asset has been installed")]
    [InlineData("load v0 = 1\nreceipt v1 = v0 v0 provisioned", "the package has not been passed")]
    // To a chip of a list goes what was made to be sent, and nothing that was sent to this one.
    [InlineData(Fresh + "derive k1 = k0 \"named x\" [] 32\n" + Hseal, "no chip of a list was read")]
    [InlineData(Leaf + Leaf, "comes once in a command")]
    [InlineData(Leaf + "fresh k1 = 32\n" + Hseal, "k1 was not derived under a label that begins \"named \"")]
    [InlineData(Leaf + Fresh + "derive k1" + FromX + Hseal, "k1 was not derived under a label that begins")]
    [InlineData(Leaf + Fresh + "extract k1 = \"named x\" [k0]\n" + Hseal, "k1 was not derived under a label")]
    [InlineData(Leaf + "root k1 = oem-share\n" + Hseal, "k1 is a root and leaves in no form")]
    [InlineData(Leaf + Fresh + "derive k1 = k0 \"named x\" [] 32\nfresh k1 = 32\n" + Hseal,
        "k1 was not derived under a label")]
    [InlineData(Leaf + Fresh + "derive k1 = k0 \"named x\" [] 32\nhseal v0 = k1 to leaf \"public x\" []",
        "is one for public values")]
    [InlineData(Leaf + Fresh + "derive k1 = k0 \"named x\" [] 32\nhseal v0 = k1 to leaf \"x\" [k0]",
        "a secret stands where public items belong")]
    [InlineData(Hopen + "cmac v0 = 1 under k1", "k1 is not rooted in the chip")]
    [InlineData(Hopen + "derive k2 = k1 \"x\" [] 32\ncmac v0 = 1 under k2", "k2 is not rooted in the chip")]
    [InlineData(Hopen + Fresh + "wrap v0 = k1 under k0", "k1 comes of what was sealed to this chip")]
    [InlineData(Hopen + Fresh + "extract k2 = \"x\" [k1, shares]\nextract k3 = \"x\" [k2]\nwrap v0 = k3 under k0",
        "k3 comes of what was sealed to this chip")]
    [InlineData(Hopen + Fresh + "derive k2 = k1 \"x\" [] 32\nwrap v0 = k2 under k0",
        "k2 comes of what was sealed to this chip")]
    [InlineData(Hopen + Leaf + "derive k2 = k1 \"named x\" [] 32\nhseal v0 = k2 to leaf \"x\" []",
        "k2 comes of what was sealed to this chip")]
    [InlineData(Hopen + Package + "root k0 = oem-share\neach key\nderive k3"
        + " = k0 \"asset\" [header.hash, asset.number] header.keysize\nfill k1 to \"o\" under k3\nend",
        "k1 comes of what was sealed to this chip")]
    [InlineData(Hopen + "extract k2 = \"x\" [k1]\nfresh k0 = 32\nderive k3 = k0 \"a\" [] 32\ncmac v0 = 1 under k3",
        "the label \"a\" makes keys for Material and for Mac")]
    [InlineData(Package + "each key\n" + Hopen + "end", "does not belong into a loop")]
    public void A_program_that_breaks_a_rule_is_refused_by_that_rule(string body, string rule)
    {
        var refusal = Check("version 1\ncommand hostile\n" + body);

        Assert.Equal(Reason.UnconfinedProgram, refusal?.Reason);
        Assert.Contains(rule, refusal!.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("emit    \"receipt\" = v4", "random v0 = 16", "only emit follows commit")]
    [InlineData("commit  v4 owner order.key provisioned", "commit v4 owner order.key fielded",
        "the receipt says another lifecycle")]
    [InlineData(" provisioned\n", " blank\n", "a commit leaves no chip blank")]
    [InlineData("store   \"asset/\"", "store   \"keystore\"", "does not end with /")]
    [InlineData("pass    v1 else damaged-package", "load v1 = 1", "PackageTag is not known yet")]
    public void The_products_own_program_with_a_line_changed_for_the_worse_is_refused(
        string line, string worse, string rule)
    {
        var text = System.Text.RegularExpressions.Regex.Replace(
            ProvisioningBench.ProgramText, " +else", " else");
        Assert.Contains(line, text, StringComparison.Ordinal);

        var refusal = Check(text.Replace(line, worse));

        Assert.Equal(Reason.UnconfinedProgram, refusal?.Reason);
        Assert.Contains(rule, refusal!.Detail, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Req", "P15")]
    public void What_was_sent_to_this_chip_may_be_shown_by_what_comes_of_it_and_kept()
    {
        Assert.Null(Check("version 1\ncommand one\n" + Hopen + "public v0 = k1 \"public x\" [] 32\nemit \"o\" = v0\n"));
    }

    [Fact]
    public void A_label_serves_one_purpose_through_all_commands()
    {
        var refusal = Check(
            "version 1\ncommand one\nroot k0 = oem-share\nderive k1 = k0 \"x\" [] 32\ncmac v0 = 1 under k1\n"
            + "command two\nroot k0 = oem-share\nderive k1" + FromX
                + "fresh k2 = 32\nwrap v0 = k2 under k1\n");

        Assert.Contains(
            "the label \"x\" makes keys for Mac and for Kek", refusal?.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_refusal_names_command_instruction_and_rule()
    {
        var refusal = Check("version 1\ncommand hostile\nfresh k0 = 32\nemit \"x\" = k0\n");

        Assert.Equal(
            "hostile, instruction 2 (emit): a secret stands where public items belong", refusal?.Detail);
    }

    private static Refusal? Check(string text)
    {
        var assembly = Assembler.Assemble(text, "family", 1);
        Assert.Empty(assembly.Errors);
        return ProgramChecker.Check(assembly.Program!);
    }
}
