using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using MailOperator.Api;
using MailOperator.Kubernetes;

namespace MailOperator.Claims;

/// <summary>
/// What the operator has decided about the claim of an invitation. It is in an annotation of the invitation, which the
/// portal cannot write, and each step of it is written before what follows from it. So whatever the status says, one
/// claim makes one device, and an invitation that has ended makes none.
/// </summary>
internal sealed record ClaimRecord
{
    /// <summary>The UID of the invitation. A record that was copied to another invitation does not count.</summary>
    public required string Uid { get; init; }

    /// <summary>When the operator decided, by its own clock, in whole seconds.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The claim's id; null if there was none, or it was lost.</summary>
    public string? Claim { get; init; }

    /// <summary>The selector of the claimed password; null together with <see cref="Claim"/>.</summary>
    public string? Selector { get; init; }

    /// <summary>The person typed the password.</summary>
    public bool IsChosen { get; init; }

    /// <summary>
    /// SHA-256 of the claim's bcrypt hash, in lower-case hexadecimal. Null if no hash of this claim may be issued.
    /// </summary>
    public string? HashDigest { get; init; }

    /// <summary>The UID of the MailDevice; null until it exists.</summary>
    public string? Device { get; init; }

    /// <summary>The mail system has accepted the password once.</summary>
    public bool IsConfirmed { get; init; }

    /// <summary>Why the invitation never makes a device; null if it does or did.</summary>
    public ClaimEnd? End { get; init; }

    /// <summary>The record of an invitation; null if it has none of its own that can be read.</summary>
    public static ClaimRecord? Of(DeviceInvitation? invitation)
    {
        if (invitation?.Annotation(Annotations.ClaimRecord) is not { } text)
        {
            return null;
        }

        try
        {
            ClaimRecord? record = ApiJson.Deserialize<ClaimRecord>(Encoding.UTF8.GetBytes(text));
            return record?.Uid == invitation.Metadata.Uid ? record : null;
        }
        catch (JsonException)
        {
            return null; // writers of the invitation may put anything there
        }
    }

    /// <summary>A record of a claim without its hash.</summary>
    /// <param name="uid">The UID of the invitation.</param>
    /// <param name="claim">The claim; null if there is none.</param>
    /// <param name="now">The time.</param>
    public static ClaimRecord Of(string uid, InvitationClaim? claim, DateTimeOffset now) => new()
    {
        Uid = uid,
        At = Rfc3339.WholeSeconds(now),
        Claim = claim?.Id,
        Selector = claim?.Selector,
        IsChosen = claim?.IsChosen ?? false,
    };

    /// <summary>The same record, after which this hash may be issued and no other.</summary>
    public ClaimRecord WithHash(string hash) => this with { HashDigest = DigestOf(hash) };

    /// <summary>The value of the annotation.</summary>
    public string ToText() => Encoding.UTF8.GetString(ApiJson.Serialize(this));

    /// <summary>
    /// The recorded claim, with the hash of the claim in the status if that is the one that was accepted. Null if no
    /// claim was recorded.
    /// </summary>
    /// <param name="written">The claim in the status; null if there is none.</param>
    public InvitationClaim? Read(InvitationClaim? written)
    {
        if (Claim is null || Selector is null)
        {
            return null;
        }

        bool isSame = written is not null
            && written.Id == Claim
            && written.Selector == Selector
            && written.IsChosen == IsChosen;
        return new InvitationClaim
        {
            Id = Claim,
            At = isSame ? written!.At : At,
            Selector = Selector,
            IsChosen = IsChosen,
            Hash = isSame && written!.Hash is { } hash && DigestOf(hash) == HashDigest ? hash : null,
        };
    }

    private static string DigestOf(string hash) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(hash)));
}

/// <summary>Why an invitation never makes a device. The names are stored in live objects.</summary>
[JsonConverter(typeof(EnumNames<ClaimEnd>))]
internal enum ClaimEnd
{
    /// <summary>The operator saw no claim before the link's end.</summary>
    Expired,

    /// <summary>The person typed a password, which the invitation does not allow.</summary>
    ChosenDenied,

    /// <summary>It is not in the portal's form.</summary>
    Malformed,

    /// <summary>The work factor of its hash is lower than that of the MailBackend.</summary>
    WeakHash,

    /// <summary>It was lost or replaced after it had been accepted.</summary>
    Changed,

    /// <summary>The status tells of a claim's device, but there is neither a record of it nor the device.</summary>
    Unrecorded,
}
