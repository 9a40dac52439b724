using MailOperator.Claims;

namespace MailOperator.MailDevices.Secrets;

/// <summary>The annotations of a Secret about the origin of its password; "" for one that does not exist.</summary>
/// <param name="Source">Digest of a chosen password, or a mark that a person typed a claimed one.</param>
/// <param name="Claim">Id of the claim.</param>
/// <param name="IssuedFor">Scope of a password that the mail system made.</param>
internal readonly record struct OriginAnnotations(string Source, string Claim, string IssuedFor)
{
    public static OriginAnnotations Of(PasswordOrigin origin) => origin.Match(
        generated: static _ => new OriginAnnotations("", "", ""),
        chosen: static one => new OriginAnnotations(one.Digest, "", ""),
        claimed: static one => new OriginAnnotations(one.IsTyped ? ClaimedPasswords.Typed : "", one.Claim, ""),
        madeByBackend: static one => new OriginAnnotations("", "", one.Scope));

    /// <summary>The origin that they describe.</summary>
    public PasswordOrigin Parse() => this switch
    {
        { Claim.Length: > 0 } => new PasswordOrigin.Claimed(Claim, Source == ClaimedPasswords.Typed),
        { IssuedFor.Length: > 0 } => new PasswordOrigin.MadeByBackend(IssuedFor),
        { Source.Length: > 0 } => new PasswordOrigin.Chosen(Source),
        _ => new PasswordOrigin.Generated(),
    };

    /// <summary>
    /// Whether the operator could have written them. In an edited Secret they can contradict each other.
    /// </summary>
    public bool AreConsistent => Of(Parse()) == this;
}
