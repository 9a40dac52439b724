using MailOperator.Api;

namespace MailOperator.Backends;

/// <summary>
/// What MailDevices say that they were issued: what a store that shows nothing should hold. It is what was reported last, so
/// it may lag behind; it only ever raises a doubt, and is never a reason to issue or to revoke.
/// </summary>
internal interface IReportedCredentials
{
    /// <summary>Whether a MailDevice reports a credential at a MailBackend of such a spec.</summary>
    bool AreAt(Predicate<MailBackendSpec> isMeant);
}
