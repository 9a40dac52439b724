using MailOperator.MailDevices;
using MailOperator.MailDevices.Planning;

namespace MailOperator.UnitTests.MailDevices;

/// <summary>Asks for plans at the time of <see cref="Snapshots"/>.</summary>
internal static class Plans
{
    /// <summary>The one new password that is planned for a device.</summary>
    public static Change.IssueCredential Issue(MailDeviceSnapshot device) =>
        Assert.Single(MailDevicePlanner.Plan(device, Snapshots.Now).Changes.OfType<Change.IssueCredential>());
}
