using Keywright.Protocol.Provisioning;

namespace Keywright.Cli.Provisioning;

/// <summary>What <c>keywright init</c> leaves for people: how it goes on, and a first list of assets.</summary>
internal static class NextSteps
{
    /// <summary>Assets without a secret in them: one is drawn inside the chip, two are public.</summary>
    public const string Assets = """
        // What you seal for your devices. This first list holds no secret: a key that is drawn inside the chip and
        // known to nobody, and two public keys of yours.
        [
          { "ref": 1, "kind": "generated", "generate": 32 },
          { "ref": 2, "kind": "owner", "file": "module.pub" },
          { "ref": 3, "kind": "certificate", "file": "order.pub" }
        ]

        """;

    public static string For(ChipDescription chip, string family) => $"""
        # {family}: {chip.Part}

        {(chip.Driver == ChipDriver.Soft ? WithSoftChips : WithoutDriver(chip))}

        ## What is here

        | | |
        | --- | --- |
        | `chipmaker/keys.kwk` | the family's {chip.Shares.Count} shares, and the key that signs programs and chip lists |
        | `chipmaker/program.cose` | the signed provisioning program |
        | `oem/keys.kwk` | the keys that sign orders and modules |
        | `oem/assets.json` | what you seal; a first list |
        | `station/` | what goes to the factory, and comes back |
        | `chip.json` | where each secret would lie on this part (docs/spec/chip-description.md) |

        Both key files are under the passphrase that you gave. Whoever has the chip maker's makes chips of yours: keep it offline,
        with a copy in another place. Chip maker and OEM are two parties, though both are you: keep their folders on different
        machines as soon as this is more than a trial.

        ## Next steps

        They run as they stand, in this folder, with soft chips. `export KEYWRIGHT_PASSPHRASE=…` spares you typing it.

        ```sh
        # Ten chips of lot 1, which serve no OEM but you, and one more to seal in.
        keywright chipmaker fabricate --dir chipmaker --lot 1 --count 10 --chips chips --locked-to oem/order.pub
        keywright chipmaker fabricate --dir chipmaker --lot 2 --count 1 --chips sealing --locked-to oem/order.pub
        # Your assets, sealed inside that chip; then an order over them.
        keywright oem seal --dir oem --name first --chip sealing/001 --assets oem/assets.json \
          --program chipmaker/program.cose --chip-maker-key chipmaker/chipmaker.pub
        keywright oem order --dir oem --id 1 --product first --factory own --lots 1 --quota 10 --package first
        # At the factory, offline.
        keywright station provision --dir station --order oem/orders/1.cose --package oem/packages/first.package \
          --order-key oem/order.pub --program chipmaker/program.cose --chip-maker-key chipmaker/chipmaker.pub \
          --chips chips --sockets 4
        keywright station report --dir station --order oem/orders/1.cose --out station/1.account.json \
          --html station/1.html
        # What was really made: open oem/1.html.
        keywright oem count --dir oem --order 1 --lists chipmaker/lots --receipts station/receipts/1 \
          --chip-maker-key chipmaker/chipmaker.pub --account station/1.account.json --html oem/1.html
        ```

        For a factory's integrator: docs/factory.md. What bought silicon protects and what not: docs/own-silicon.md.

        """;

    private const string WithSoftChips =
        "Soft chips keep their secrets in a file. They are for development and for rehearsing a lot, never for a product.";

    private static string WithoutDriver(ChipDescription chip) => $"""
        **Keywright has no driver for this part yet.** Nothing here writes to one, locks one, or reads one. What is real today: the
        keys, the family with its {chip.Shares.Count} shares, the signed program, and every step below with soft chips of the same
        family. What is a plan: `chip.json`, which says where each secret would lie on this part, who could read it there, and which
        locks would be set. It is what a driver will be written from. docs/own-silicon.md says what such silicon does not protect.

        A soft chip holds the family's shares in a file. So this family is for rehearsals: run `keywright init` anew for the one that
        goes into silicon, and make no soft chip of it.
        """;
}
