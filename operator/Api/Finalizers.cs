namespace MailOperator.Api;

/// <summary>Finalizers. Their text is stored in live objects and never changes.</summary>
internal static class Finalizers
{
    /// <summary>On a MailDevice, from before its first credential until none is left.</summary>
    public const string Revocation = "mailoperator.io/revocation";

    /// <summary>On a DeviceInvitation, from when its link was made until that has ended.</summary>
    public const string Link = "mailoperator.io/link";

    /// <summary>
    /// On a MailBackend and a MailUser while devices use it: without the MailBackend their credentials could not be
    /// revoked, and without the MailUser its restrictions would be lost.
    /// </summary>
    public const string InUse = "mailoperator.io/in-use";
}
