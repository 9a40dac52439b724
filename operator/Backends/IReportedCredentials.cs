using MailOperator.Api;

namespace MailOperator.Backends;

/// <summary>
/// The credentials in the status of MailDevices: what a store that appears empty should hold. It may lag behind, so it
/// only raises doubt and is never a reason to issue or to revoke.
/// </summary>
internal interface IReportedCredentials
{
    /// <summary>Whether a MailDevice reports a credential at a MailBackend whose spec matches.</summary>
    bool AreAt(Predicate<MailBackendSpec> isMeant);
}
