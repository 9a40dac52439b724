using System.ComponentModel.DataAnnotations;

namespace MailOperator.Kubernetes;

/// <summary>How one of several operators is chosen to act. The defaults are client-go's.</summary>
internal sealed class LeaderElectionOptions
{
    public bool Enabled { get; set; } = true;

    [Required]
    public string LeaseName { get; set; } = "mail-operator";

    /// <summary>A lease that has not moved for this long may be taken.</summary>
    [Range(typeof(TimeSpan), "00:00:02", "00:10:00")]
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>A leader that could not renew for this long ends; must be shorter than <see cref="LeaseDuration"/>.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan RenewDeadline { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Time between two tries.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")]
    public TimeSpan RetryPeriod { get; set; } = TimeSpan.FromSeconds(2);
}
