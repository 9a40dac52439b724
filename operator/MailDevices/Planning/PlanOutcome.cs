using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Verification;
using MailOperator.MailServers;

namespace MailOperator.MailDevices.Planning;

/// <summary>The result of applying a plan.</summary>
internal sealed record PlanOutcome
{
    /// <summary>At least one change was made, so there may be more to do.</summary>
    public bool HasChanged { get; init; }

    /// <summary>The MailDevice was written. Its watch event starts the next pass, with a fresh cache.</summary>
    public bool WaitsForWatch { get; init; }

    /// <summary>The MailDevice with the finalizer that was just written, to go on with; null if none was.</summary>
    public MailDevice? Begun { get; init; }

    /// <summary>The finalizer was removed, so there is no status left to write.</summary>
    public bool IsFinalizerRemoved { get; init; }

    /// <summary>The status says under which UID the device goes on. Its watch event starts the next pass.</summary>
    public bool IsAdopted { get; init; }

    /// <summary>The Secret as it was written; null if it was not.</summary>
    public SecretState? Secret { get; init; }

    /// <summary>What could not be restarted and why; null if everything was. It does not stop the plan.</summary>
    public string? RestartProblem { get; init; }

    /// <summary>Every mail server has been told of the device's suspension.</summary>
    public bool IsSuspensionComplete { get; init; }

    /// <summary>The login with the password that is now in the Secret; null if none was tried.</summary>
    public LoginAnswer? Login { get; init; }

    /// <summary>The login with a password that has ended; null if none was tried.</summary>
    public EndedLogin? EndedLogin { get; init; }

    /// <summary>When the rest of the plan can be applied, although nothing failed; null if nothing is left.</summary>
    public TimeSpan? RecheckAfter { get; init; }

    /// <summary>Every change that takes a right away succeeded.</summary>
    public bool AreEndsDone { get; init; } = true;

    /// <summary>
    /// What failed; null if nothing did. It stopped the plan, except for a login with a password that has ended: that
    /// stops nothing.
    /// </summary>
    public MailBackendException? Failure { get; init; }

    /// <summary>Whether to observe and plan once more in this pass.</summary>
    public bool CallsForAnotherRound =>
        this is { HasChanged: true, WaitsForWatch: false, RecheckAfter: null, Failure: null, RestartProblem: null };
}
