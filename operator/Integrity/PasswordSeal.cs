using System.Security.Cryptography;
using System.Text;
using MailOperator.Passwords;

namespace MailOperator.Integrity;

/// <summary>
/// Encrypts a replaced password, so that the operator can try it after its end. Only the operator's key decrypts it,
/// and only as the same credential of the same device. AES-256-GCM.
/// </summary>
internal sealed class PasswordSeal(byte[] operatorKey)
{
    private const int TagBytes = 16;
    private const int NonceBytes = 12;

    private readonly byte[] _key = HKDF.DeriveKey(
        HashAlgorithmName.SHA256, operatorKey, 32, info: "mailoperator.io/sealed-password/v1"u8.ToArray());

    /// <summary>The encrypted password as text for an annotation.</summary>
    public string Seal(string deviceUid, string selector, AppPassword password)
    {
        byte[] sealedBytes = new byte[NonceBytes + password.Bytes.Length + TagBytes];
        Span<byte> nonce = sealedBytes.AsSpan(0, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(_key, TagBytes);
        aes.Encrypt(
            nonce,
            password.Bytes,
            sealedBytes.AsSpan(NonceBytes, password.Bytes.Length),
            sealedBytes.AsSpan(sealedBytes.Length - TagBytes),
            NameOf(deviceUid, selector));
        return Convert.ToHexStringLower(sealedBytes);
    }

    /// <summary>The password; null if the text was not encrypted with this key for this credential.</summary>
    public AppPassword? Open(string deviceUid, string selector, string text)
    {
        if (text.Length % 2 != 0
            || !text.All(char.IsAsciiHexDigit)
            || Convert.FromHexString(text) is not { Length: > NonceBytes + TagBytes } sealedBytes)
        {
            return null;
        }

        byte[] password = new byte[sealedBytes.Length - NonceBytes - TagBytes];
        try
        {
            using var aes = new AesGcm(_key, TagBytes);
            aes.Decrypt(
                sealedBytes.AsSpan(0, NonceBytes),
                sealedBytes.AsSpan(NonceBytes, password.Length),
                sealedBytes.AsSpan(sealedBytes.Length - TagBytes),
                password,
                NameOf(deviceUid, selector));
            return new AppPassword(password);
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    // Neither contains a line break.
    private static byte[] NameOf(string deviceUid, string selector) =>
        Encoding.UTF8.GetBytes($"{deviceUid}\n{selector}");
}
