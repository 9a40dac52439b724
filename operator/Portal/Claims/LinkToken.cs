using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using MailOperator.DeviceInvitations;

namespace MailOperator.Portal.Claims;

/// <summary>
/// The secret at the end of a link that somebody opened: 256 random bits. The portal finds it by its hash; every key that seals
/// something for the person who opened the link comes from it, so that the server has to keep none.
/// </summary>
internal sealed class LinkToken
{
    private const int Bytes = 32;

    /// <summary>Characters of it in a link: base64url without padding.</summary>
    public const int Length = 43;

    private readonly byte[] _secret;

    private LinkToken(byte[] secret, string text)
    {
        _secret = secret;
        Hash = LinkUrl.HashOf(text);
    }

    /// <summary>What <c>status.tokenHash</c> of the invitation is.</summary>
    public string Hash { get; }

    /// <summary>Takes what stands in a link; anything that no link can hold is refused without a look at the cluster.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out LinkToken? token)
    {
        byte[] secret = new byte[Bytes];
        bool isToken = text?.Length == Length && Base64Url.IsValid(text)
            && Base64Url.TryDecodeFromChars(text, secret, out int written) && written == Bytes
            && Base64Url.EncodeToString(secret) == text; // the last character has bits to spare: one secret, one spelling
        token = isToken ? new LinkToken(secret, text!) : null;
        return isToken;
    }

    /// <summary>A key for one purpose; keys of two purposes say nothing of each other or of the token.</summary>
    /// <param name="purpose">What the key is for.</param>
    /// <param name="salt">A further secret without which nobody who has the token has the key; none by default.</param>
    public byte[] DeriveKey(string purpose, byte[]? salt = null) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, _secret, Bytes, salt, info: System.Text.Encoding.ASCII.GetBytes($"mail-operator portal {purpose}"));

    public override string ToString() => "***";
}
