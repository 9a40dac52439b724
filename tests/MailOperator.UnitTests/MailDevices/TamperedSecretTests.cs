using System.Collections.Immutable;
using MailOperator.Api;
using MailOperator.MailDevices;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;
using static MailOperator.UnitTests.MailDevices.Plans;
using static MailOperator.UnitTests.MailDevices.Snapshots;

namespace MailOperator.UnitTests.MailDevices;

/// <summary>What an edit of the Secret by someone else must not cause.</summary>
public sealed class TamperedSecretTests
{
    private static readonly MailDeviceSnapshot Tampered = InSync with { Secret = Secret with { IsGenuine = false } };

    [Fact]
    public void Plan_TamperedAndRevokeRequested_EndsTheOldPasswordNow()
    {
        // Mutant: the overlap that follows a tampered Secret. The token would count as handled, but the leaked password
        // would keep working.
        MailDeviceSnapshot device = Tampered with { RotateAndRevokeToken = "leak" };

        Assert.Equal(["aaaaaa"], Ended(device).AsEnumerable());
        Assert.Empty(Issue(device).Retiring);
        Assert.False(Issue(device).IsUnasked); // and is not rate limited
    }

    [Fact]
    public void Plan_TamperedAfterARevocation_KeepsTheOverlap()
    {
        Change.IssueCredential issue = Issue(
            Tampered with { RotateAndRevokeToken = "leak", ReportedRotateAndRevoke = "leak" });

        Assert.Equal([new RetiringCredential("aaaaaa", Now.AddHours(24))], issue.Retiring.AsEnumerable());
        Assert.True(issue.IsUnasked);
    }

    [Fact]
    public void Plan_ForgedAsRevoked_StillRevokes()
    {
        SecretState.Owned forged = Secret with
        {
            IsGenuine = false,
            Credential = Snapshots.Record with { HandledRotateAndRevoke = "leak" },
        };

        Assert.Equal(
            ["aaaaaa"], Ended(Tampered with { RotateAndRevokeToken = "leak", Secret = forged }).AsEnumerable());
    }

    /// <summary>The mutant: of too many earlier passwords the oldest are kept.</summary>
    [Fact]
    public void Plan_TamperedWithManySlots_KeepsTheNewest() => Assert.Equal(
        Enumerable.Range(0, RetiringCredential.Max).Select(static number => $"s{number:D5}"),
        Issue(Tampered with
        {
            Slots =
            [
                .. Enumerable.Range(0, 20).Reverse()
                    .Select(static number => Slot($"s{number:D5}", TimeSpan.FromMinutes(number + 10))),
            ],
        }).Retiring.Select(static one => one.Selector));

    private static ImmutableArray<string> Ended(MailDeviceSnapshot device) =>
        Assert.Single(MailDevicePlanner.Plan(device, Now).Changes.OfType<Change.RemoveSlots>()).Selectors;

    [Fact]
    public void Plan_TamperedAndRotateRequested_RotatesOnce() =>
        Assert.Equal(Reasons.SecretTampered, Issue(Tampered with { RotateToken = "two" }).Reason);
}
