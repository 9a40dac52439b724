using System.Security.Cryptography;
using System.Text;
using MailOperator.Passwords;

namespace MailOperator.Integrity;

/// <summary>
/// Seals a password that is not handed out any more, so that it can be tried after its end: nobody but the holder of the
/// operator's key reads it, and only as this very credential of this very device. AES-256-GCM.
/// </summary>
internal sealed class PasswordSeal(byte[] operatorKey)
{
    private const int TagBytes = 16;
    private const int NonceBytes = 12;

    private readonly byte[] _key = HKDF.DeriveKey(HashAlgorithmName.SHA256, operatorKey, 32, info: "mailoperator.io/sealed-password/v1"u8.ToArray());

    /// <summary>The password as text that may stand in an annotation.</summary>
    public string Seal(string deviceUid, string selector, AppPassword password)
    {
        byte[] box = new byte[NonceBytes + password.Bytes.Length + TagBytes];
        Span<byte> nonce = box.AsSpan(0, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(_key, TagBytes);
        aes.Encrypt(nonce, password.Bytes, box.AsSpan(NonceBytes, password.Bytes.Length), box.AsSpan(box.Length - TagBytes), NameOf(deviceUid, selector));
        return Convert.ToHexStringLower(box);
    }

    /// <summary>The password; null if the text is not what this key sealed for this credential.</summary>
    public AppPassword? Open(string deviceUid, string selector, string text)
    {
        if (text.Length % 2 != 0 || !text.All(char.IsAsciiHexDigit) || Convert.FromHexString(text) is not { Length: > NonceBytes + TagBytes } box)
        {
            return null;
        }

        byte[] password = new byte[box.Length - NonceBytes - TagBytes];
        try
        {
            using var aes = new AesGcm(_key, TagBytes);
            aes.Decrypt(box.AsSpan(0, NonceBytes), box.AsSpan(NonceBytes, password.Length), box.AsSpan(box.Length - TagBytes), password, NameOf(deviceUid, selector));
            return new AppPassword(password);
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    // Neither holds a line break.
    private static byte[] NameOf(string deviceUid, string selector) => Encoding.UTF8.GetBytes($"{deviceUid}\n{selector}");
}
