using Keywright.Device.Chip;
using Keywright.Protocol;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.KeyDownload;

namespace Keywright.Device.KeyDownload;

/// <summary>
/// Where a unit stands between two downloads (docs/spec/keydownload.md §7.1): a challenge is out, or a key
/// was imported, or neither. It lies in flash as the object "download" and holds only while its number is
/// that of the challenge counter, so that neither a power cut nor an older flash brings back a challenge that
/// was used or replaced. CBOR: {0: 1, 1: number, 2: random, 3: REF1} or {0: 1, 1: number, 4: H(IMPORT KEY),
/// 5: acknowledgement}.
/// </summary>
internal sealed record UnitState
{
    public const string ObjectName = "download";

    private static readonly UnitState Idle = new();

    private ulong number;
    private Digest imported;
    private ReadOnlyMemory<byte>? acknowledgement;

    private UnitState()
    {
    }

    /// <summary>The challenge that is out, if one is.</summary>
    public OutstandingChallenge? Challenge { get; private init; }

    public static UnitState Out(ulong number, OutstandingChallenge challenge) =>
        new() { number = number, Challenge = challenge };

    public static UnitState Imported(ulong number, Digest command, ReadOnlyMemory<byte> acknowledgement) =>
        new() { number = number, imported = command, acknowledgement = acknowledgement };

    /// <summary>
    /// What the chip's flash holds, if it still holds. Refusals: BadSeal (the flash was changed from
    /// outside).
    /// </summary>
    public static Outcome<UnitState> Of(ChipState chip)
    {
        if (chip.Journal.SizeOf(ObjectName) < 0)
        {
            return Idle;
        }

        if (chip.Journal.ReadAll(ObjectName).Refused(out var encoded, out var damaged))
        {
            return damaged;
        }

        var state = Decode(encoded);
        return state.number == chip.Monotonic.Challenges ? state : Idle;
    }

    /// <summary>
    /// The unit's serial number SN: its chip ID, 17 bytes, the same from wafer to field (§7.4).
    /// </summary>
    public static SerialNumber SerialOf(ChipState chip) => new(chip.Immutable.ChipId.ToArray());

    /// <summary>A unit takes part from provisioning until it is retired.</summary>
    public static Refusal? RefusedBy(ChipState chip) =>
        chip.Monotonic.Lifecycle is > Lifecycle.Blank and < Lifecycle.Retired
            ? null
            : new Refusal(
                Reason.WrongLifecycle, $"a {chip.Monotonic.Lifecycle} chip takes no application keys");

    /// <summary>The stored answer, when this is the command that was done last.</summary>
    public ReadOnlyMemory<byte>? AnswerTo(Digest command) => command == imported ? acknowledgement : null;

    public byte[] Encode()
    {
        using var writer = new CborWriter(256);
        writer.Map(4).Key(0).UInt(1).Key(1).UInt(number);
        if (Challenge is { } challenge)
        {
            writer.Key(2).Bytes(challenge.Random.ToArray()).Key(3).UInt(challenge.Ref1);
        }
        else
        {
            writer.Key(4).Digest(imported).Key(5).Bytes(acknowledgement!.Value.Span);
        }

        return writer.ToArray();
    }

    /// <summary>Sealed by this chip, so that a fault in here is a bug.</summary>
    private static UnitState Decode(ReadOnlySpan<byte> encoded)
    {
        var reader = new CborReader(encoded);
        reader.Map(4);
        reader.Version(1);
        reader.Key(1);
        var number = reader.UInt(ulong.MaxValue);
        UnitState state;
        if (reader.TryKey(2))
        {
            var random = reader.Bytes(Protocol.KeyDownload.Challenge.Size).ToArray();
            reader.Key(3);
            state = Out(number, new OutstandingChallenge(new Challenge(random), reader.UInt32()));
        }
        else
        {
            reader.Key(4);
            var command = reader.Digest();
            reader.Key(5);
            state = Imported(number, command, reader.Bytes(1, Acknowledgement.MaxSize).ToArray());
        }

        reader.EndMap();
        return reader.Finish() is { } fault ? throw new InvalidOperationException(fault.ToString()) : state;
    }
}
