using System.Security.Cryptography;
using System.Text;
using MailOperator.Kubernetes;

namespace MailOperator.Integrity;

/// <summary>
/// Proves that the operator wrote a Secret's password and annotations: an HMAC with a key that only the operator's
/// namespace has. A user who may write the Secret cannot forge it.
/// </summary>
internal sealed class CredentialDigest
{
    private readonly byte[] _key;
    private readonly string _prefix;

    /// <summary>
    /// For how long after a key was made Secrets that an earlier key signed are judged by their passwords instead.
    /// After that a digest of another key can only be forged.
    /// </summary>
    public static readonly TimeSpan NewKeyTime = TimeSpan.FromHours(1);

    private readonly DateTimeOffset _madeAt;

    /// <summary>Encrypts passwords with the same key.</summary>
    public PasswordSeal Seal { get; }

    /// <param name="key">The key.</param>
    /// <param name="madeAt">When the key was made; the default is long ago.</param>
    public CredentialDigest(byte[] key, DateTimeOffset madeAt = default)
    {
        _key = key;
        _madeAt = madeAt;
        Seal = new PasswordSeal(key);
        _prefix = $"v1:{Convert.ToHexStringLower(SHA256.HashData(key).AsSpan(0, 4))}:";
    }

    /// <summary>The digest of fields and of a payload. No content of a field can pass for another field.</summary>
    public string Compute(IEnumerable<string> fields, ReadOnlySpan<byte> payload)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        string text = string.Join('\n', fields.Select(OneLine));
        // The length separates the fields from the payload, whatever they contain.
        hmac.AppendData(Encoding.UTF8.GetBytes($"{text.Length}\n{text}\n"));
        hmac.AppendData(payload);
        return _prefix + Convert.ToBase64String(hmac.GetHashAndReset());
    }

    /// <summary>
    /// The digest of a chosen password, to see later whether it has changed. It cannot be used to guess the password
    /// without the key, and differs for each selector even if the password is the same.
    /// </summary>
    public string OfChosen(string deviceUid, string selector, ReadOnlySpan<byte> password)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        hmac.AppendData(Encoding.UTF8.GetBytes($"chosen\n{deviceUid}\n{OneLine(selector)}\n"));
        hmac.AppendData(password);
        return _prefix + Convert.ToBase64String(hmac.GetHashAndReset());
    }

    /// <summary>The digest of a link, which proves that the operator created it.</summary>
    public string OfLink(string invitationUid, string tokenHash) =>
        _prefix + Convert.ToBase64String(
            HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"link\n{invitationUid}\n{tokenHash}")));

    /// <summary>
    /// Proves, in a Secret, for which device its password was made, so that it can be told after the Secret was
    /// restored from a backup. It fits no device of another name or namespace.
    /// </summary>
    public string OfIdentity(ObjectKey device, string uid) =>
        Compute(["identity", device.Namespace, device.Name, uid], []);

    /// <summary>
    /// Whether a digest may be of the key before this one, which has just been made. It then neither proves nor
    /// disproves anything. Whoever may write a Secret can write such a digest, so it is believed for a short time only.
    /// </summary>
    public bool MayBeOfKeyBefore(string digest, DateTimeOffset now) =>
        now - _madeAt < NewKeyTime && !digest.StartsWith(_prefix, StringComparison.Ordinal);

    public static bool AreEqual(string one, string other) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(one), Encoding.UTF8.GetBytes(other));

    // Users choose the tokens: a line break in one must not start another field.
    private static string OneLine(string field) =>
        field.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
