using MailOperator.Kubernetes;
using Microsoft.Extensions.Options;

namespace MailOperator.Hosting;

/// <summary>Checks that the times of the leader election fit together.</summary>
internal sealed class LeaderElectionValidator : IValidateOptions<OperatorOptions>
{
    public ValidateOptionsResult Validate(string? name, OperatorOptions options)
    {
        LeaderElectionOptions election = options.LeaderElection;
        if (election.RenewDeadline >= election.LeaseDuration)
        {
            return ValidateOptionsResult.Fail(
                "LeaderElection:RenewDeadline must be shorter than LeaderElection:LeaseDuration, "
                + "or two operators could lead at once.");
        }

        return election.RetryPeriod * 2 > election.RenewDeadline
            ? ValidateOptionsResult.Fail(
                "LeaderElection:RetryPeriod must be at most half of LeaderElection:RenewDeadline, "
                + "or one lost request ends the leader.")
            : ValidateOptionsResult.Success;
    }
}
