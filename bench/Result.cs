namespace Keywright.Bench;

/// <summary>A row of the table as it is shown; nothing is reached or missed where nothing is aimed at.</summary>
internal sealed record Result(
    string Work, string Ours, string Peer, string Ratio, string Aim, bool? Reached, string Allocated)
{
    public static readonly string[] Headings =
        ["work", "ours", "peer", "ratio", "aim", "", "bytes allocated a call (by the platform)"];

    public string[] Cells() =>
        [Work, Ours, Peer, Ratio, Aim, Reached switch { true => "reached", false => "MISSED", null => "" }, Allocated];
}
