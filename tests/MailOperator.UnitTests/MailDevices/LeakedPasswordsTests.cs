using MailOperator.Backends;
using MailOperator.MailDevices;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Spec;
using static MailOperator.UnitTests.MailDevices.Plans;
using static MailOperator.UnitTests.MailDevices.Snapshots;

namespace MailOperator.UnitTests.MailDevices;

/// <summary>What rotate-and-revoke ends, and what is said of a password that it cannot end.</summary>
public sealed class LeakedPasswordsTests
{
    private const string OfAPerson =
        "mailoperator.io/rotate-and-revoke cannot replace a password that a person has claimed, and it still works. "
        + "To end it, delete this MailDevice or set spec.suspended";

    private const string OfASource =
        "mailoperator.io/rotate-and-revoke asks to end a chosen password that its source still contains, so it still "
        + "works. To end it, change it there, set spec.suspended or delete the device";

    private static readonly MailDeviceSnapshot OfPerson = Claimed with
    {
        IsForPerson = true,
        RotateAndRevokeToken = "leak",
    };

    private static readonly MailDeviceSnapshot Unchanged = Chosen with { RotateAndRevokeToken = "leak" };

    /// <summary>The mutants: a leaked password of a person goes on unsaid, or one that is gone is said to.</summary>
    [Fact]
    public void Plan_LeakOfAPerson_IsSaidWhileItWorks()
    {
        Assert.Equal(OfAPerson, Pending(OfPerson));
        Assert.Null(Pending(OfPerson with { Slots = [] }));
    }

    /// <summary>The mutants: the same of a chosen password that its source still has, beside an earlier one.</summary>
    [Fact]
    public void Plan_LeakThatTheSourceStillHas_IsSaidWhileItWorks()
    {
        Assert.Equal(OfASource, Pending(Unchanged));
        Assert.Equal(OfASource, Pending(Unchanged with
        {
            Slots = [Slot("bbbbbb", TimeSpan.Zero), .. Unchanged.Slots],
        }));
        Assert.Null(Pending(Unchanged with { Slots = [] }));
        Assert.Null(Pending(Unchanged with { Slots = [Slot("bbbbbb", TimeSpan.Zero)] }));
    }

    /// <summary>The mutants: a smaller problem is said in place of a leak that goes on.</summary>
    [Fact]
    public void Plan_LeakAndALimitThatIsNotEnforced_SaysTheLeak() => Assert.Equal(OfAPerson, Pending(OfPerson with
    {
        Capabilities = Capabilities & ~BackendCapabilities.Networks,
        Stops = new Stops { Networks = ["10.0.0.0/8"] },
    }));

    /// <summary>The mutant: a chosen password that leaked gets an overlap, because its Secret is gone.</summary>
    [Fact]
    public void Plan_ChosenLeakWithoutASecret_EndsAtTheCommit()
    {
        Change.IssueCredential issue = Issue(Unchanged with
        {
            Secret = new SecretState.Absent(),
            Source = new SourceState(Problem: null, IsInSecret: false),
        });

        Assert.Equal([new RetiringCredential("aaaaaa", Now)], issue.Retiring.AsEnumerable());
    }

    private static string? Pending(MailDeviceSnapshot device)
    {
        DeviceVerdict verdict = MailDevicePlanner.Plan(device, Now).Verdict;
        Assert.Equal(verdict.PendingRevocation is not null, verdict.IsRevocationBlocked);
        return verdict.PendingRevocation;
    }
}
