namespace MailOperator.Api;

/// <summary>Annotations and labels under <c>mailoperator.io/</c>; users set the first group, the operator the rest.</summary>
internal static class Annotations
{
    /// <summary>On a MailDevice: a new value rotates the password once, with the overlap.</summary>
    public const string Rotate = "mailoperator.io/rotate";

    /// <summary>On a MailDevice: a new value rotates the password once and ends every older one at once.</summary>
    public const string RotateAndRevoke = "mailoperator.io/rotate-and-revoke";

    /// <summary>On a MailDevice: "true" leaves everything as it is until the annotation goes.</summary>
    public const string Paused = "mailoperator.io/paused";

    /// <summary>On a MailDevice: its own UID gives up a revocation that cannot succeed.</summary>
    public const string AbandonRevocation = "mailoperator.io/abandon-revocation";

    /// <summary>On a DeviceInvitation: a new value sends the link once more.</summary>
    public const string Resend = "mailoperator.io/resend";

    /// <summary>On a MailBackend: "true" makes it the one that devices without a backendRef use.</summary>
    public const string IsDefaultBackend = "mailoperator.io/is-default-backend";

    /// <summary>On a MailBackend: how many orphaned credentials may be removed at once.</summary>
    public const string RemoveOrphans = "mailoperator.io/remove-orphans";

    /// <summary>Flux's request for a reconcile now; echoed in <c>status.lastHandledReconcileAt</c>.</summary>
    public const string ReconcileRequestedAt = "reconcile.fluxcd.io/requestedAt";

    /// <summary>Label of every Secret that the operator writes: the operator watches only these.</summary>
    public const string ManagedByLabel = "app.kubernetes.io/managed-by";

    /// <summary>Value of <see cref="ManagedByLabel"/>, and the field manager of every write.</summary>
    public const string ManagedByValue = "mail-operator";

    /// <summary>On the Secret: how many passwords this device has had.</summary>
    public const string Epoch = "mailoperator.io/epoch";

    /// <summary>On the Secret: the id of the password it holds, its selector.</summary>
    public const string Credential = "mailoperator.io/credential";

    /// <summary>On the Secret: when its password was issued, RFC 3339.</summary>
    public const string IssuedAt = "mailoperator.io/issued-at";

    /// <summary>On the Secret: older credentials and when each ends, as <c>id=time,id=time</c>.</summary>
    public const string Retiring = "mailoperator.io/retiring";

    /// <summary>On the Secret: the rotate token that its password was issued for.</summary>
    public const string HandledRotation = "mailoperator.io/handled-rotate";

    /// <summary>On the Secret: the rotate-and-revoke token that its password was issued for.</summary>
    public const string HandledRotateAndRevoke = "mailoperator.io/handled-rotate-and-revoke";

    /// <summary>On the Secret: the keyed digest of the chosen password that it holds; empty for a generated one.</summary>
    public const string Source = "mailoperator.io/password-source";

    /// <summary>
    /// On the Secret: the claim by which a person took the password; the Secret then holds only its hash.
    /// </summary>
    public const string HeldByClaim = "mailoperator.io/held-by-claim";

    /// <summary>On the Secret: names of the labels, annotations and keys that spec.secret put there.</summary>
    public const string AppliedMetadata = "mailoperator.io/applied-metadata";

    /// <summary>
    /// On the Secret: "true" from a rotation until workloads with an earlier password have restarted.
    /// </summary>
    public const string RestartOwed = "mailoperator.io/restart-owed";

    /// <summary>On a pod template, followed by the name of a MailDevice: the credential that it was restarted for.</summary>
    public const string RestartedForPrefix = "restart.mailoperator.io/";

    /// <summary>
    /// On the Secret: the protocols and the person that the mail system made the password for; only where it makes
    /// passwords itself.
    /// </summary>
    public const string IssuedFor = "mailoperator.io/issued-for";

    /// <summary>
    /// On the Secret: earlier passwords, sealed with the operator's key, to check that the mail server refuses them
    /// after their ends; only where the backend has <c>verification: Login</c>.
    /// </summary>
    public const string ToBeRefused = "mailoperator.io/to-be-refused";

    /// <summary>On the Secret: the keyed digest of its password and its bookkeeping.</summary>
    public const string Digest = "mailoperator.io/digest";
}
