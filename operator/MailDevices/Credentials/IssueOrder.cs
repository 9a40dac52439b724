using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Spec;

namespace MailOperator.MailDevices.Credentials;

/// <summary>What to issue, for which device and where.</summary>
internal sealed record IssueOrder(
    MailDevice Device,
    MailDeviceSnapshot Observed,
    Change.IssueCredential Issue,
    IMailBackend Backend,
    SlotOwner Owner,
    DateTimeOffset StartedAt)
{
    public DesiredCredential Desired => Observed.Desired!;
}
