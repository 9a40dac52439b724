using System.ComponentModel.DataAnnotations;

namespace MailOperator.Kubernetes;

/// <summary>Leader election among several operators. The defaults are client-go's.</summary>
internal sealed class LeaderElectionOptions
{
    public bool Enabled { get; set; } = true;

    [Required(ErrorMessage = "LeaderElection:LeaseName must not be empty.")]
    public string LeaseName { get; set; } = "mail-operator";

    /// <summary>A lease that was not renewed for this long may be acquired by another.</summary>
    [Range(typeof(TimeSpan), "00:00:02", "00:10:00")]
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>A leader that could not renew for this long exits; shorter than <see cref="LeaseDuration"/>.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan RenewDeadline { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Time between two attempts to acquire or renew.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")]
    public TimeSpan RetryPeriod { get; set; } = TimeSpan.FromSeconds(2);
}
