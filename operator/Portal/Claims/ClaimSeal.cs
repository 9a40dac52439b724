using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using MailOperator.Passwords;

namespace MailOperator.Portal.Claims;

/// <summary>
/// Seals a claim with its password for the browser's cookie: AES-256-GCM with a key derived from the link's token, and
/// the claim's id as associated data. A cookie is useless without the link, and for any other claim of the same link.
/// </summary>
internal static class ClaimSeal
{
    private const string Purpose = "claimed password";
    private const int NonceSize = 12;
    private const int TagSize = 16;
    private const int TimesSize = 16;

    public static string Seal(LinkToken token, BrowserClaim claim)
    {
        ReadOnlySpan<byte> password = claim.Password is { } known ? known.Bytes : [];
        byte[] plain = new byte[TimesSize + password.Length];
        BinaryPrimitives.WriteInt64BigEndian(plain, claim.ClaimedAt.ToUnixTimeSeconds());
        BinaryPrimitives.WriteInt64BigEndian(plain.AsSpan(8), claim.ShownUntil?.ToUnixTimeSeconds() ?? 0);
        password.CopyTo(plain.AsSpan(TimesSize));

        byte[] ciphertext = new byte[NonceSize + plain.Length + TagSize];
        Span<byte> nonce = ciphertext.AsSpan(0, NonceSize);
        RandomNumberGenerator.Fill(nonce);
        using (AesGcm cipher = Cipher(token))
        {
            cipher.Encrypt(
                nonce,
                plain,
                ciphertext.AsSpan(NonceSize, plain.Length),
                ciphertext.AsSpan(NonceSize + plain.Length),
                Encoding.ASCII.GetBytes(claim.ClaimId));
        }

        CryptographicOperations.ZeroMemory(plain);
        return $"{claim.ClaimId}.{Base64Url.EncodeToString(ciphertext)}";
    }

    /// <summary>Opens a sealed claim. Null if it belongs to another link, is forged, or is damaged.</summary>
    public static BrowserClaim? Open(LinkToken token, string? sealedText)
    {
        if (sealedText?.Split('.') is not [{ Length: > 0 } claimId, { } encoded]
            || !Ascii.IsValid(claimId)
            || !Base64Url.IsValid(encoded))
        {
            return null;
        }

        byte[] ciphertext = Base64Url.DecodeFromChars(encoded);
        int length = ciphertext.Length - NonceSize - TagSize;
        if (length < TimesSize)
        {
            return null;
        }

        byte[] plain = new byte[length];
        try
        {
            using AesGcm cipher = Cipher(token);
            cipher.Decrypt(
                ciphertext.AsSpan(0, NonceSize),
                ciphertext.AsSpan(NonceSize, length),
                ciphertext.AsSpan(NonceSize + length),
                plain,
                Encoding.ASCII.GetBytes(claimId));
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }

        long shownUntil = BinaryPrimitives.ReadInt64BigEndian(plain.AsSpan(8));
        var claim = new BrowserClaim(
            claimId,
            DateTimeOffset.FromUnixTimeSeconds(BinaryPrimitives.ReadInt64BigEndian(plain)),
            shownUntil == 0 ? null : DateTimeOffset.FromUnixTimeSeconds(shownUntil),
            length == TimesSize ? null : new AppPassword(plain[TimesSize..]));
        CryptographicOperations.ZeroMemory(plain);
        return claim;
    }

    private static AesGcm Cipher(LinkToken token)
    {
        byte[] key = token.DeriveKey(Purpose);
        var cipher = new AesGcm(key, TagSize);
        CryptographicOperations.ZeroMemory(key);
        return cipher;
    }
}
