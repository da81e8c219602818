using System.Text.Json;
using Keywright.Protocol;
using Keywright.Protocol.KeyDownload;
using Keywright.Protocol.Opening.KeyDownload;

namespace Keywright.ConformanceTests.Protocol;

public sealed class KeyDownloadVectorTests
{
    public static TheoryData<string> KeyBlocks => Names("key-block");

    public static TheoryData<string> Acknowledgements => Names("ack");

    [Theory]
    [MemberData(nameof(KeyBlocks))]
    public void A_key_block_is_judged_as_its_vector_says(string name)
    {
        using var file = Read("key-block", name);
        var test = file.RootElement;
        using var unit = Diversified(test);
        Assert.Equal(Bytes(test, "unitKey"), unit.Expose());

        if (Open(test, unit).Refused(out var received, out var why))
        {
            Assert.Equal(test.GetProperty("expect").GetString(), why.Name);
            return;
        }

        using (received)
        {
            Assert.Equal("accepted", test.GetProperty("expect").GetString());
            Assert.Equal(Bytes(test, "key"), received.Key.Expose());
            Assert.Equal(test.GetProperty("version").GetInt32(), received.Slot.MinimumVersion);
            Assert.Equal(Bytes(test, "acknowledgement"), received.Acknowledgement.Encode());
        }
    }

    [Fact]
    public void Every_changed_bit_of_a_key_block_is_refused()
    {
        using var file = Read("key-block", "good-aes128.json");
        using var unit = Diversified(file.RootElement);
        var command = ImportKey.Parse(Bytes(file.RootElement, "importKey")).OrThrow();
        var data = command.Data.ToArray();
        foreach (var (bit, changed) in SingleBits.Of(data))
        {
            var bent = command with { Data = changed };
            Assert.True(Open(file.RootElement, unit, bent).Refused(out _, out var why), $"bit {bit}");
            Assert.Contains(why.Reason, new[] { Reason.BadKeyBlock, Reason.WrongReference });
        }

        Open(file.RootElement, unit, command with { Data = data }).OrThrow().Dispose();
    }

    [Theory]
    [MemberData(nameof(Acknowledgements))]
    public void An_acknowledgement_is_judged_as_its_vector_says(string name)
    {
        using var file = Read("ack", name);
        var outcome = Check(file.RootElement, Bytes(file.RootElement, "message")).Refused(out _, out var why)
            ? why.Name
            : "accepted";
        Assert.Equal(file.RootElement.GetProperty("expect").GetString(), outcome);
    }

    [Fact]
    public void Every_changed_bit_of_an_acknowledgement_is_refused()
    {
        using var file = Read("ack", "good.json");
        var message = Bytes(file.RootElement, "message");
        foreach (var (bit, changed) in SingleBits.Of(message))
        {
            Assert.True(Check(file.RootElement, changed).Refused(out _, out _), $"bit {bit}");
        }

        Check(file.RootElement, message).OrThrow();
    }

    private static Outcome<ReceivedKey> Open(JsonElement test, UnitKey unit) =>
        ImportKey.Parse(Bytes(test, "importKey")).Refused(out var command, out var why)
            ? why
            : Open(test, unit, command);

    private static Outcome<ReceivedKey> Open(JsonElement test, UnitKey unit, ImportKey command)
    {
        var slot = test.GetProperty("slot");
        var asked = test.GetProperty("challenge");
        var challenge = asked.ValueKind == JsonValueKind.Null
            ? null
            : new OutstandingChallenge(
                new Challenge(Bytes(asked, "random")), asked.GetProperty("ref1").GetUInt32());
        return DownloadOpener.Open(
            unit,
            new SerialNumber(Bytes(test, "serial")),
            challenge,
            [
                new KeySlot(
                    slot.GetProperty("ref2").GetUInt32(),
                    slot.GetProperty("usage").GetString()!,
                    slot.GetProperty("mode").GetString()![0],
                    slot.GetProperty("minimumVersion").GetInt32()),
            ],
            command);
    }

    private static Outcome<Acknowledgement> Check(JsonElement test, byte[] message)
    {
        if (Acknowledgement.Parse(message).Refused(out var acknowledgement, out var why))
        {
            return why;
        }

        using var unit = new UnitKey(Bytes(test, "unitKey"));
        return acknowledgement.Check(
            unit,
            new SerialNumber(Bytes(test, "serial")),
            new Challenge(Bytes(test, "random")),
            new Digest(Bytes(test, "dataDigest")));
    }

    private static UnitKey Diversified(JsonElement test)
    {
        using var transport = new TransportKey(Bytes(test, "transportKey"));
        return Diversification.KeyOf(
            transport, new SerialNumber(Bytes(test, "serial")), Bytes(test, "applicationId"));
    }

    private static byte[] Bytes(JsonElement test, string name) =>
        Convert.FromHexString(test.GetProperty(name).GetString()!);

    private static JsonDocument Read(string folder, string name) =>
        JsonDocument.Parse(File.ReadAllBytes(Repository.PathTo("vectors", folder, name)));

    private static TheoryData<string> Names(string folder)
    {
        var files = Directory.GetFiles(Repository.PathTo("vectors", folder));
        return [.. files.Select(file => Path.GetFileName(file)).Order()];
    }
}
