using MailOperator.Backends;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Verification;
using MailOperator.MailServers;

namespace MailOperator.MailDevices.Planning;

/// <summary>What came of a plan.</summary>
internal sealed record PlanOutcome
{
    /// <summary>Something was done, so that another look may show more to do.</summary>
    public bool HasChanged { get; init; }

    /// <summary>The object itself was written: its own watch brings the next, better informed pass.</summary>
    public bool WaitsForWatch { get; init; }

    /// <summary>The object has been let go; nobody is left to report to.</summary>
    public bool IsFinalizerRemoved { get; init; }

    /// <summary>The Secret as it was written, if it was.</summary>
    public SecretState? Secret { get; init; }

    /// <summary>What could not be restarted and why; the rest of the plan was made.</summary>
    public string? RestartProblem { get; init; }

    /// <summary>Every mail server has been told of the device's suspension.</summary>
    public bool IsSuspensionComplete { get; init; }

    /// <summary>What the mail server said of the password that is in the Secret now, if it was asked.</summary>
    public LoginAnswer? Login { get; init; }

    /// <summary>What the mail server said to a password that has ended, if it was asked.</summary>
    public EndedLogin? EndedLogin { get; init; }

    /// <summary>When the rest of the plan can be carried out; nothing failed.</summary>
    public TimeSpan? RecheckAfter { get; init; }

    /// <summary>What stopped the plan; the changes after it were not made. (A password that lives on stops nothing.)</summary>
    public MailBackendException? Failure { get; init; }

    /// <summary>Another look in this pass may show more to do.</summary>
    public bool CallsForAnotherRound =>
        this is { HasChanged: true, WaitsForWatch: false, RecheckAfter: null, Failure: null, RestartProblem: null };
}
