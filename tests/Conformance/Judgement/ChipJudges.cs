using System.Text.Json;
using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Diagnostics;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Images;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Sealing.Firmware;

namespace Keywright.ConformanceTests.Judgement;

/// <summary>
/// Whether a device takes a module (module.md §4), and what a chip says to a command in the state that it is in
/// (chip.md §7–§9 and the pages of the commands).
/// </summary>
internal static class ChipJudges
{
    private static readonly DeviceId Device = DeviceId.Parse("LAMP-0001").OrThrow();

    public static string Module(JsonElement state, JsonElement input)
    {
        using var key = DeviceKey.FromBytes(new byte[DeviceKey.Size]);
        using var device = TestDevice.Program(
            1,
            DeviceId.Parse(state.Text("device")!).OrThrow(),
            state.Text("product")!,
            state.Text("device-type")!,
            key,
            [.. state.Texts("anchors").Select(owner => Named.Signer(owner).Public)]);
        foreach (var standing in state.GetProperty("installed").EnumerateArray())
        {
            var owner = standing.Text("owner")!;
            var there = MakeModule(owner, owner, standing.Number("sequence"), [(standing.Text("program")!, 100)]);
            Assert.Null(device.InstallModule(Message.Sign(there, Named.Signer(owner)).Bytes, new byte[100]));
        }

        foreach (var minimum in state.GetProperty("minimum").EnumerateArray())
        {
            var owner = Named.Signer(minimum.Text("owner")!).Public.Id;
            device.State.Raise(MonotonicUpdate.Sequenced(
                owner, minimum.Text("program")!, minimum.Number("sequence")));
        }

        var programs = input.GetProperty("programs").EnumerateArray()
            .Select(program => (program.Text("name")!, program.Number("size")));
        var signer = input.Text("signed-by")!;
        var module = MakeModule(input.Text("owner")!, signer, input.Number("sequence"), programs) with
        {
            Product = input.Text("product")!,
            DeviceTypes = [.. input.Texts("device-types")],
            Devices = [.. input.Texts("devices").Select(id => DeviceId.Parse(id).OrThrow())],
            Requires =
            [
                .. input.GetProperty("requires").EnumerateArray()
                    .Select(need => new Requirement(need.Text("program")!, need.Number("sequence"))),
            ],
        };
        var signed = Message.Sign(module, Named.Signer(signer));
        return device.InstallModule(signed.Bytes, new byte[100])?.Name ?? "accepted";
    }

    public static string Command(JsonElement state, JsonElement input)
    {
        var silicon = ChipIn(state);
        using var chip = BootedDevice.Boot(silicon);
        var command = input.Text("command")!;
        return chip.Execute(command, GoodInputs(command, chip.State))?.Name ?? "accepted";
    }

    private static Module MakeModule(
        string owner, string signer, ulong sequence, IEnumerable<(string Name, uint Size)> programs) => new()
        {
            Owner = Named.Signer(owner).Public.Id,
            Sequence = sequence,
            Product = "lamp",
            Programs =
            [
                .. programs.Select(it => new ModuleProgram(
                    it.Name, ProgramKind.Application, signer, default, Digest.Of(new byte[100]), it.Size, null)),
            ],
        };

    /// <summary>The chip of the good package, and what the state says.</summary>
    private static SoftChip ChipIn(JsonElement state)
    {
        var silicon = SoftChip.Fabricate(
            ImmutableMemory.Read(Bytes("package", "good", "chip")).OrThrow(),
            new SeededNoise(1),
            new byte[SoftChip.TesterSize]);
        var stage = Enum.Parse<Lifecycle>(state.Text("lifecycle")!, ignoreCase: true);
        if (stage == Lifecycle.Blank)
        {
            return silicon;
        }

        using var chip = ChipState.Boot(silicon);
        using var transaction = chip.Journal.Begin();
        using var draft = chip.KeyStore.Draft();
        Assert.Null(draft.Put(
            new KeyHandle(KeyKind.Provisioned, "7"), new KeyAttributes("transport", "", 1), new byte[16]));
        Assert.Null(draft.Put(
            new KeyHandle(KeyKind.Device, "1"), new KeyAttributes("device", "", 1), new byte[32]));
        Assert.Null(chip.KeyStore.Stage(draft, transaction));
        if (stage >= Lifecycle.Personalised)
        {
            Assert.Null(new Device.Firmware.Nameplate(Device, "lamp", "lamp-2").Stage(transaction));
            transaction.Then(MonotonicUpdate.IdentifiedAs(Device.Hash()));
        }

        transaction.Then(MonotonicUpdate.Reached(stage));
        transaction.Commit();
        Assert.Equal(state.Number("store"), chip.KeyStore.Number);
        chip.Raise(MonotonicUpdate.Issued(state.Number("issued")));
        chip.Raise(MonotonicUpdate.Shown(state.Number("shown")));
        chip.Raise(MonotonicUpdate.Delivered(state.Number("delivery"), Named.Digest("closing")));
        return silicon;
    }

    /// <summary>Inputs that are good for a chip in the right state.</summary>
    private static MemoryHost GoodInputs(string command, ChipState chip)
    {
        var host = new MemoryHost();
        switch (command)
        {
            case "challenge":
                return host.With("ref1", new byte[4]);
            case "refused":
                return host.With("refusal", Bytes("refusal", "not-enabled", "message"));
            case "dump":
                var request = new DumpRequest(Digest.Zero, "app", DumpKind.ElfCore, DumpTrigger.Crash);
                return host.With("request", request.Encode()).With("content", new byte[1]);
            case "provisioning":
                return host.With("program", Bytes("package", "good", "program"))
                    .With("command", "provision"u8.ToArray())
                    .With("package", Bytes("package", "good", "package"))
                    .With("unlock", Bytes("package", "good", "unlock"))
                    .With("order", Bytes("package", "good", "order"))
                    .With("order-key", Bytes("package", "good", "orderKey"));
            case "program":
                var program = AnotherDevice(chip);
                return host.With("head", program.Head).With("image", program.Image);
            default:
                return host;
        }
    }

    private static SealedProgram AnotherDevice(ChipState chip)
    {
        using var key = DeviceKey.FromBytes(new byte[DeviceKey.Size]);
        using var image = new ProgramFile([1, 2, 3]);
        var content = new ProgramContent
        {
            Kid = 1,
            Key = key,
            Devices = [DeviceId.Parse("LAMP-0002").OrThrow()],
            Product = "lamp",
            DeviceType = "lamp-2",
            Encoding = ImageEncoding.Raw(0),
            Image = image,
        };
        return ProgramSealer.Seal(content, chip.Immutable.ChipId, chip.Keys.Kem.Public, new SeededEntropy(1));
    }

    private static byte[] Bytes(string folder, string name, string field)
    {
        using var vector = JsonDocument.Parse(
            File.ReadAllBytes(Repository.PathTo("vectors", folder, $"{name}.json")));
        return Convert.FromHexString(vector.RootElement.Text(field)!);
    }
}
