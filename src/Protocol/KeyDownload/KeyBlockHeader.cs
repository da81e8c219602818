using System.Collections.Immutable;

namespace Keywright.Protocol.KeyDownload;

/// <summary>
/// What a key block says about its key in clear, under the same MAC (ANSI X9.143; docs/spec/keydownload.md
/// §3).
/// </summary>
/// <param name="Usage">Two characters: <c>D0</c> data encryption, <c>M6</c> CMAC, and so on.</param>
/// <param name="Algorithm">What the key is for: <c>A</c> is AES.</param>
/// <param name="Mode">Mode of use: <c>B</c> both ways, <c>E</c> encrypt, <c>C</c> MAC, and so on.</param>
/// <param name="KeyVersion">Two characters; <c>00</c> when keys are not numbered.</param>
/// <param name="Exportability"><c>N</c> not exportable, <c>E</c> and <c>S</c> exportable.</param>
/// <param name="Blocks">Optional blocks, without the padding one.</param>
public sealed record KeyBlockHeader(
    string Usage,
    char Algorithm,
    char Mode,
    string KeyVersion,
    char Exportability,
    ImmutableArray<OptionalBlock> Blocks);

/// <summary>
/// An optional block: an ID of two characters, and printable ASCII as long as the key block has room.
/// </summary>
public sealed record OptionalBlock(string Id, string Data);
