namespace MailOperator.Api;

/// <summary>
/// Annotations and labels that the operator reads or writes. Users set those up to <see cref="ReconcileRequestedAt"/>,
/// the operator the rest. Their text is stored in live objects and never changes.
/// </summary>
internal static class Annotations
{
    /// <summary>On a MailDevice: a new value rotates the password once, with the overlap.</summary>
    public const string Rotate = "mailoperator.io/rotate";

    /// <summary>On a MailDevice: a new value rotates the password once and ends every older one immediately.</summary>
    public const string RotateAndRevoke = "mailoperator.io/rotate-and-revoke";

    /// <summary>
    /// On a MailDevice: "true" pauses its reconciliation. Expiry, the ends of overlaps and a withdrawn grant still
    /// apply.
    /// </summary>
    public const string Paused = "mailoperator.io/paused";

    /// <summary>On a MailDevice: its own UID as the value abandons a revocation that cannot succeed.</summary>
    public const string AbandonRevocation = "mailoperator.io/abandon-revocation";

    /// <summary>
    /// On a MailDevice: "true" lets it take over a restored Secret that was written with another digest key, if the
    /// mail system accepts its password.
    /// </summary>
    public const string Adopt = "mailoperator.io/adopt";

    /// <summary>On a DeviceInvitation: a new value mails the link again.</summary>
    public const string Resend = "mailoperator.io/resend";

    /// <summary>On a MailBackend: "true" makes it the default of devices without a backendRef.</summary>
    public const string IsDefaultBackend = "mailoperator.io/is-default-backend";

    /// <summary>
    /// On a MailBackend: <c>namespace=number</c>, separated by commas, confirms that up to so many orphaned credentials
    /// of the namespace may be removed. A number alone counts for each namespace.
    /// </summary>
    public const string RemoveOrphans = "mailoperator.io/remove-orphans";

    /// <summary>
    /// On a MailBackend: ids of retained credentials from its status, separated by commas, or <c>all</c>. They end.
    /// </summary>
    public const string EndRetained = "mailoperator.io/end-retained";

    /// <summary>
    /// On a MailBackend: the lease of the operator that serves the cluster, as <c>namespace/name</c>. The operator
    /// writes it.
    /// </summary>
    public const string ServedBy = "mailoperator.io/served-by";

    /// <summary>A request by Flux to reconcile now; copied to <c>status.lastHandledReconcileAt</c>.</summary>
    public const string ReconcileRequestedAt = "reconcile.fluxcd.io/requestedAt";

    /// <summary>Label of every Secret that the operator writes. It watches only Secrets with this label.</summary>
    public const string ManagedByLabel = "app.kubernetes.io/managed-by";

    /// <summary>Value of <see cref="ManagedByLabel"/>, and the field manager of every write.</summary>
    public const string ManagedByValue = "mail-operator";

    /// <summary>
    /// On a MailDevice, written with its finalizer: the MailBackend that is to have its first password. So it is known
    /// where a password may be before the status says so.
    /// </summary>
    public const string Backend = "mailoperator.io/backend";

    /// <summary>
    /// On the Secret: the UID of the MailDevice that its password was made for, and the proof of it.
    /// </summary>
    public const string Identity = "mailoperator.io/identity";

    /// <summary>On the Secret: how many passwords this device has had.</summary>
    public const string Epoch = "mailoperator.io/epoch";

    /// <summary>On the Secret: the selector of its password.</summary>
    public const string Credential = "mailoperator.io/credential";

    /// <summary>On the Secret: when its password was issued, RFC 3339.</summary>
    public const string IssuedAt = "mailoperator.io/issued-at";

    /// <summary>
    /// On the Secret: older credentials and when each ends (RFC 3339), as <c>selector=time,selector=time</c>.
    /// </summary>
    public const string Retiring = "mailoperator.io/retiring";

    /// <summary>On the Secret: the value of <see cref="Rotate"/> that its password was issued for.</summary>
    public const string HandledRotation = "mailoperator.io/handled-rotate";

    /// <summary>On the Secret: the value of <see cref="RotateAndRevoke"/> that its password was issued for.</summary>
    public const string HandledRotateAndRevoke = "mailoperator.io/handled-rotate-and-revoke";

    /// <summary>
    /// On the Secret: the keyed digest of a chosen password, or <c>person</c> for one that a person typed on the page;
    /// empty for a generated one.
    /// </summary>
    public const string Source = "mailoperator.io/password-source";

    /// <summary>
    /// On the Secret: the id of the claim by which a person took the password. The Secret then holds only its hash.
    /// </summary>
    public const string HeldByClaim = "mailoperator.io/held-by-claim";

    /// <summary>On the Secret: names of the labels, annotations and keys that spec.secret added.</summary>
    public const string AppliedMetadata = "mailoperator.io/applied-metadata";

    /// <summary>
    /// On the Secret: "true" from a rotation until the workloads of <c>spec.rolloutRestartTargets</c> are restarted.
    /// </summary>
    public const string RestartOwed = "mailoperator.io/restart-owed";

    /// <summary>
    /// On a pod template, followed by the name of a MailDevice: the selector of the credential that it was restarted
    /// for.
    /// </summary>
    public const string RestartedForPrefix = "restart.mailoperator.io/";

    /// <summary>
    /// On the Secret: the protocols and the user that the mail system issued the password for, as
    /// <c>IMAP,SMTP;user id</c>. Only where the mail system generates the passwords.
    /// </summary>
    public const string IssuedFor = "mailoperator.io/issued-for";

    /// <summary>
    /// On the Secret: earlier passwords, as <c>selector=end=sealed password</c> and separated by commas. After its end,
    /// each is tried at the mail server, which must refuse it. Only with <c>verification: Login</c>.
    /// </summary>
    public const string ToBeRefused = "mailoperator.io/to-be-refused";

    /// <summary>
    /// On a DeviceInvitation: what the operator has decided about its claim, as JSON. The portal may write the status,
    /// but not this.
    /// </summary>
    public const string ClaimRecord = "mailoperator.io/claim-record";

    /// <summary>On the Secret: the keyed digest of its password and of these annotations.</summary>
    public const string Digest = "mailoperator.io/digest";
}
