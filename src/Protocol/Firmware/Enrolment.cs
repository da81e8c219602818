using Keywright.Protocol.Cbor;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Keys;

namespace Keywright.Protocol.Firmware;

/// <summary>
/// What makes a tool a station (docs/spec/programming.md §2): S1 by the programming key, at most 1 KiB. The
/// secrets are sealed to a key that the station made for this one purpose. Refusals when read: Malformed,
/// TooLarge, WrongVersion.
/// </summary>
public sealed record Enrolment : IMessage<Enrolment>
{
    internal const int MaxSealedBytes = 512;

    public static MessageType Type { get; } = new("enrolment", Protection.Signature, 1024);

    /// <summary>The station's name, never given to another one.</summary>
    public required string Station { get; init; }

    /// <summary>Where it stands.</summary>
    public required string Factory { get; init; }

    public required SiteEpoch Epoch { get; init; }

    /// <summary>The first turn: j of the generator state inside.</summary>
    public required uint Turn { get; init; }

    /// <summary>EN(station) of generator state and Take key.</summary>
    public required ReadOnlyMemory<byte> Sealed { get; init; }

    public static Enrolment Read(ref CborReader reader)
    {
        reader.Map(6);
        reader.Version(1);
        reader.Key(1);
        var station = ShortText.Read(ref reader);
        reader.Key(2);
        var factory = ShortText.Read(ref reader);
        reader.Key(3);
        var epoch = SiteEpoch.Read(ref reader);
        reader.Key(4);
        var turn = reader.UInt32(Take.MaxTurn);
        reader.Key(5);
        var secrets = reader.Bytes(1, MaxSealedBytes).ToArray();
        reader.EndMap();
        return new Enrolment
        {
            Station = station,
            Factory = factory,
            Epoch = epoch,
            Turn = turn,
            Sealed = secrets,
        };
    }

    public void Write(CborWriter writer) => writer.Map(6)
        .Key(0).UInt(1)
        .Key(1).Text(Station)
        .Key(2).Text(Factory)
        .Key(3).Bytes(Epoch.ToArray())
        .Key(4).UInt(Turn)
        .Key(5).Bytes(Sealed.Span);

    /// <summary>["enrolment", station, j]: what the secrets are bound to.</summary>
    internal static byte[] Binding(string station, uint turn) => CborItem.Array("enrolment", station, turn);
}

/// <summary>The secrets of an enrolment: R_j and the key of the station's Takes; wiped on dispose.</summary>
public sealed class StationSecrets(GeneratorState generator, MacKey takeKey) : IDisposable
{
    /// <summary>R_j.</summary>
    public GeneratorState Generator { get; } = generator;

    /// <summary>The key of M0&lt;take&gt;.</summary>
    public MacKey TakeKey { get; } = takeKey;

    /// <summary>Draws both.</summary>
    public static StationSecrets Draw(IEntropy entropy)
    {
        Span<byte> key = stackalloc byte[MacKey.Size];
        entropy.Fill(key);
        var drawn = new StationSecrets(GeneratorState.Draw(entropy), MacKey.FromBytes(key));
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(key);
        return drawn;
    }

    public void Dispose()
    {
        Generator.Dispose();
        TakeKey.Dispose();
    }
}
