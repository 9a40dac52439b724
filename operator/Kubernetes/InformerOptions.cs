namespace MailOperator.Kubernetes;

/// <summary>The rhythm of an informer. The defaults are client-go's where it has them.</summary>
internal sealed class InformerOptions
{
    /// <summary>Objects asked for in one list request.</summary>
    public int PageSize { get; set; } = 500;

    /// <summary>A watch is asked for a random time between this one and <see cref="MaxWatchTimeout"/>.</summary>
    public TimeSpan MinWatchTimeout { get; set; } = TimeSpan.FromSeconds(300);

    public TimeSpan MaxWatchTimeout { get; set; } = TimeSpan.FromSeconds(600);

    /// <summary>Silence after which the connection is given up; servers send a bookmark about every minute.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(150);

    /// <summary>Everything is listed again after this time, give or take a tenth.</summary>
    public TimeSpan RelistInterval { get; set; } = TimeSpan.FromHours(10);
}
