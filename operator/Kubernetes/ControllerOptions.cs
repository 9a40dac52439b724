using System.ComponentModel.DataAnnotations;

namespace MailOperator.Kubernetes;

/// <summary>Concurrency and timing of reconciles.</summary>
internal sealed class ControllerOptions
{
    /// <summary>Objects of one kind that are reconciled at the same time.</summary>
    [Range(1, 512)]
    public int Workers { get; set; } = 32;

    /// <summary>Deadline of one reconcile, which is then canceled and retried.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan ReconcileTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Every object is relisted and reconciled again after this time, give or take a tenth.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")]
    public TimeSpan ResyncInterval { get; set; } = TimeSpan.FromHours(10);
}
