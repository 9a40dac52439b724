using System.Text;

namespace MailOperator.Backends.PasswdFile;

/// <summary>
/// The bytes of a passwd-file as text, one character for each byte. The file is shared, and lines of others may be in
/// any encoding: what is read as UTF-8 and written again would not be what they wrote. Our own lines are ASCII.
/// </summary>
internal static class PasswdFileText
{
    private static readonly Encoding ByteForByte = Encoding.GetEncoding(
        "iso-8859-1", EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback);

    /// <summary>The text of these bytes, whatever they are.</summary>
    public static string Of(ReadOnlySpan<byte> bytes) => ByteForByte.GetString(bytes);

    /// <summary>The bytes of a text.</summary>
    /// <exception cref="EncoderFallbackException">A character is no byte: a line of ours is not ASCII.</exception>
    public static byte[] BytesOf(string text) => ByteForByte.GetBytes(text);
}
