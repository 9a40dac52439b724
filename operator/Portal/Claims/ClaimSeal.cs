using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using MailOperator.Passwords;

namespace MailOperator.Portal.Claims;

/// <summary>
/// Seals a password for the browser that claimed it: AES-256-GCM under a key that only the link's token gives, with the
/// claim's id authenticated. So a cookie is worth nothing without the link, nor for another claim of the same link.
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

        byte[] box = new byte[NonceSize + plain.Length + TagSize];
        Span<byte> nonce = box.AsSpan(0, NonceSize);
        RandomNumberGenerator.Fill(nonce);
        using (AesGcm cipher = Cipher(token))
        {
            cipher.Encrypt(nonce, plain, box.AsSpan(NonceSize, plain.Length), box.AsSpan(NonceSize + plain.Length), Encoding.ASCII.GetBytes(claim.ClaimId));
        }

        CryptographicOperations.ZeroMemory(plain);
        return $"{claim.ClaimId}.{Base64Url.EncodeToString(box)}";
    }

    /// <summary>What was sealed, or null for anything else: another link's, a forged or a damaged one.</summary>
    public static BrowserClaim? Open(LinkToken token, string? sealedText)
    {
        if (sealedText?.Split('.') is not [{ Length: > 0 } claimId, { } boxText] || !Ascii.IsValid(claimId) || !Base64Url.IsValid(boxText))
        {
            return null;
        }

        byte[] box = Base64Url.DecodeFromChars(boxText);
        int length = box.Length - NonceSize - TagSize;
        if (length < TimesSize)
        {
            return null;
        }

        byte[] plain = new byte[length];
        try
        {
            using AesGcm cipher = Cipher(token);
            cipher.Decrypt(box.AsSpan(0, NonceSize), box.AsSpan(NonceSize, length), box.AsSpan(NonceSize + length), plain, Encoding.ASCII.GetBytes(claimId));
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
