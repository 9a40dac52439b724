using System.Security.Cryptography;
using System.Text;

namespace MailOperator.Passwords;

/// <summary>
/// An app password in clear, for as long as it takes to hash it and hand it over. Never prints itself; a class and
/// not a record, because a record prints its members. Its bytes are overwritten when it is disposed of.
/// </summary>
internal sealed class AppPassword(byte[] bytes) : IDisposable
{
    /// <summary>Shortest and longest password in bytes; bcrypt reads no more than 72.</summary>
    public const int MinLength = 16;
    public const int MaxLength = 72;

    /// <summary>
    /// Characters at the front that find the credential at the backend: <c>[a-z0-9]</c>, not secret, so that a login
    /// costs one hash check however many devices a mailbox has.
    /// </summary>
    public const int SelectorLength = 6;

    public ReadOnlySpan<byte> Bytes => bytes;

    /// <summary>Of a generated password; a chosen one has none, and its first characters are as secret as the rest.</summary>
    public string Selector => Encoding.ASCII.GetString(bytes, 0, SelectorLength);

    /// <summary>The password as the hash library wants it; the one string of it that is made.</summary>
    public string Reveal() => Encoding.UTF8.GetString(bytes);

    public void Dispose() => CryptographicOperations.ZeroMemory(bytes);

    public override string ToString() => "***";
}
