using System.Security.Cryptography;
using System.Text;

namespace MailOperator.Passwords;

/// <summary>
/// An app password in clear text, kept only until it is hashed and handed over. Never prints itself; a class and not a
/// record, because a record prints its members. Dispose overwrites its bytes.
/// </summary>
internal sealed class AppPassword(byte[] bytes) : IDisposable
{
    /// <summary>The minimum length in bytes.</summary>
    public const int MinLength = 16;

    /// <summary>The maximum length in bytes, because bcrypt ignores all bytes after the 72nd.</summary>
    public const int MaxLength = 72;

    /// <summary>
    /// Leading characters by which the backend finds the credential: <c>[a-z0-9]</c>, not secret. A login costs one
    /// hash check, however many devices a mailbox has.
    /// </summary>
    public const int SelectorLength = 6;

    public ReadOnlySpan<byte> Bytes => bytes;

    /// <summary>Only for a generated password: the first characters of a chosen one are secret like the rest.</summary>
    public string Selector => Encoding.ASCII.GetString(bytes, 0, SelectorLength);

    /// <summary>The password as a string, which cannot be wiped: only for libraries that take nothing else.</summary>
    public string Reveal() => Encoding.UTF8.GetString(bytes);

    public void Dispose() => CryptographicOperations.ZeroMemory(bytes);

    public override string ToString() => "***";
}
