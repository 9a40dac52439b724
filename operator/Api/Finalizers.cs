namespace MailOperator.Api;

/// <summary>Finalizers. Their text is stored in live objects and never changes.</summary>
internal static class Finalizers
{
    /// <summary>On a MailDevice, from before its first credential is issued until its last one is revoked.</summary>
    public const string Revocation = "mailoperator.io/revocation";

    /// <summary>On a DeviceInvitation, from when its link is created until the link is revoked.</summary>
    public const string Link = "mailoperator.io/link";

    /// <summary>
    /// On a MailBackend or MailUser while devices use it. Without the MailBackend their credentials could not be
    /// revoked; without the MailUser its restrictions would be lost.
    /// </summary>
    public const string InUse = "mailoperator.io/in-use";
}
