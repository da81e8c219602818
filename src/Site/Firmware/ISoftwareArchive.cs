using Keywright.Protocol;

namespace Keywright.Site.Firmware;

/// <summary>Programs by what they are (their digest), and the modules that name them.</summary>
public interface ISoftwareArchive
{
    /// <summary>
    /// Stores the bytes whose H is <paramref name="digest"/>; bytes that are there already are not stored
    /// again. False, and nothing stored, when <paramref name="content"/> is anything else.
    /// </summary>
    bool Store(Digest digest, long size, Stream content);

    /// <summary>
    /// Fills <paramref name="destination"/> from <paramref name="offset"/> on; gives how many bytes there
    /// were.
    /// </summary>
    int Read(Digest digest, long offset, Span<byte> destination);

    /// <summary>Lists a module whose programs are all stored. Listing it again changes nothing.</summary>
    void List(Software software, DateTimeOffset now);

    /// <summary>All software of a product.</summary>
    IReadOnlyList<Software> Of(string product);

    /// <summary>One module; null when it is not listed.</summary>
    Software? Find(Digest manifest);
}
