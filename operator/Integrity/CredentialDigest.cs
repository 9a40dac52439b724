using System.Security.Cryptography;
using System.Text;

namespace MailOperator.Integrity;

/// <summary>
/// Proves that a Secret's password and bookkeeping are what the operator wrote: an HMAC under a key that only the
/// operator's namespace holds, so that whoever may write the Secret still cannot vouch for it.
/// </summary>
internal sealed class CredentialDigest
{
    private readonly byte[] _key;
    private readonly string _prefix;

    /// <summary>Seals passwords with the same key.</summary>
    public PasswordSeal Seal { get; }

    public CredentialDigest(byte[] key)
    {
        _key = key;
        Seal = new PasswordSeal(key);
        _prefix = $"v1:{Convert.ToHexStringLower(SHA256.HashData(key).AsSpan(0, 4))}:";
    }

    /// <summary>The digest over fields, which are kept apart whatever is in them, and the bytes that they belong to.</summary>
    public string Compute(IEnumerable<string> fields, ReadOnlySpan<byte> payload)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        string text = string.Join('\n', fields.Select(OneLine));
        // The length keeps the two parts apart whatever is in them.
        hmac.AppendData(Encoding.UTF8.GetBytes($"{text.Length}\n{text}\n"));
        hmac.AppendData(payload);
        return _prefix + Convert.ToBase64String(hmac.GetHashAndReset());
    }

    /// <summary>
    /// Tells whether a chosen password is still the one that was issued, without keeping it. Whoever reads it can try no
    /// guess, for want of the key; and the same password under another id looks like another.
    /// </summary>
    public string OfChosen(string deviceUid, string selector, ReadOnlySpan<byte> password)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        hmac.AppendData(Encoding.UTF8.GetBytes($"chosen\n{deviceUid}\n{OneLine(selector)}\n"));
        hmac.AppendData(password);
        return _prefix + Convert.ToBase64String(hmac.GetHashAndReset());
    }

    /// <summary>Proves that an invitation's link is one that the operator made.</summary>
    public string OfLink(string invitationUid, string tokenHash) =>
        _prefix + Convert.ToBase64String(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"link\n{invitationUid}\n{tokenHash}")));

    /// <summary>Whether a digest was made with another key, so that it says nothing either way.</summary>
    public bool IsOfAnotherKey(string digest) => !digest.StartsWith(_prefix, StringComparison.Ordinal);

    public static bool AreEqual(string one, string other) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(one), Encoding.UTF8.GetBytes(other));

    // A user chooses the tokens: a line break in one of them must not read as the next field.
    private static string OneLine(string field) =>
        field.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
