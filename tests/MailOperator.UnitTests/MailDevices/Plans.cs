using MailOperator.MailDevices;
using MailOperator.MailDevices.Planning;

namespace MailOperator.UnitTests.MailDevices;

/// <summary>Plans devices at <see cref="Snapshots.Now"/>.</summary>
internal static class Plans
{
    /// <summary>The only <see cref="Change.IssueCredential"/> of the plan.</summary>
    public static Change.IssueCredential Issue(MailDeviceSnapshot device) =>
        Assert.Single(MailDevicePlanner.Plan(device, Snapshots.Now).Changes.OfType<Change.IssueCredential>());
}
