using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using MailOperator.DeviceInvitations;

namespace MailOperator.Portal.Claims;

/// <summary>
/// The secret at the end of a link: 256 random bits. The portal finds the invitation by its hash, and derives every
/// key for the person who opened the link from it, so the server stores no keys.
/// </summary>
internal sealed class LinkToken
{
    private const int Bytes = 32;

    /// <summary>Its length in a link, in characters: base64url without padding.</summary>
    public const int Length = 43;

    private readonly byte[] _secret;

    private LinkToken(byte[] secret, string text)
    {
        _secret = secret;
        Hash = LinkUrl.HashOf(text);
    }

    /// <summary>The value of <c>status.tokenHash</c> of its invitation.</summary>
    public string Hash { get; }

    /// <summary>Parses the end of a link. Anything that cannot be a token is refused without a lookup.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out LinkToken? token)
    {
        byte[] secret = new byte[Bytes];
        bool isToken = text?.Length == Length && Base64Url.IsValid(text)
            && Base64Url.TryDecodeFromChars(text, secret, out int written) && written == Bytes
            && Base64Url.EncodeToString(secret) == text; // unused bits in the last character: accept one spelling
        token = isToken ? new LinkToken(secret, text!) : null;
        return isToken;
    }

    /// <summary>A key for one purpose. It reveals nothing about the token or about keys for other purposes.</summary>
    /// <param name="purpose">What the key is for.</param>
    /// <param name="salt">A second secret that is needed to derive the key. Default: none.</param>
    public byte[] DeriveKey(string purpose, byte[]? salt = null)
    {
        byte[] info = Encoding.ASCII.GetBytes($"mail-operator portal {purpose}");
        return HKDF.DeriveKey(HashAlgorithmName.SHA256, _secret, Bytes, salt, info);
    }

    public override string ToString() => "***";
}
