using MailOperator.Api;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;
using static MailOperator.UnitTests.MailDevices.Plans;
using static MailOperator.UnitTests.MailDevices.Snapshots;

namespace MailOperator.UnitTests.MailDevices;

/// <summary>What somebody else's edit of a Secret may not bring about.</summary>
public sealed class TamperedSecretTests
{
    private static readonly MailDeviceSnapshot Tampered = InSync with { Secret = Secret with { IsGenuine = false } };

    [Fact]
    public void Plan_TamperedAndAskedToRevoke_EndsTheOldPasswordNow()
    {
        // Mutant: the overlap of a tampered Secret. The token would count as handled and the leaked password would live on.
        Change.IssueCredential issue = Issue(Tampered with { RotateAndRevokeToken = "leak" });

        Assert.Equal([new RetiringCredential("aaaaaa", Now)], issue.Retiring.AsEnumerable());
        Assert.False(issue.IsUnasked); // and does not wait its turn
    }

    [Fact]
    public void Plan_TamperedAfterARevocation_KeepsTheOverlap()
    {
        Change.IssueCredential issue = Issue(Tampered with { RotateAndRevokeToken = "leak", ReportedRotateAndRevoke = "leak" });

        Assert.Equal([new RetiringCredential("aaaaaa", Now.AddHours(24))], issue.Retiring.AsEnumerable());
        Assert.True(issue.IsUnasked);
    }

    [Fact]
    public void Plan_TamperedToLookRevoked_RevokesAllTheSame()
    {
        SecretState.Owned forged = Secret with { IsGenuine = false, Credential = Snapshots.Record with { HandledRotateAndRevoke = "leak" } };

        Assert.Equal([Now], Issue(Tampered with { RotateAndRevokeToken = "leak", Secret = forged }).Retiring.Select(static retiring => retiring.At));
    }

    [Fact]
    public void Plan_TamperedAndAskedToRotate_IsOneRotation() =>
        Assert.Equal(Reasons.SecretTampered, Issue(Tampered with { RotateToken = "two" }).Reason);
}
