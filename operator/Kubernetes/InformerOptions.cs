namespace MailOperator.Kubernetes;

/// <summary>Page size and timing of an informer. The defaults are client-go's where it has them.</summary>
internal sealed class InformerOptions
{
    /// <summary>Objects in one page of a list.</summary>
    public int PageSize { get; set; } = 500;

    /// <summary>
    /// The server ends a watch after a random time between this one and <see cref="MaxWatchTimeout"/>.
    /// </summary>
    public TimeSpan MinWatchTimeout { get; set; } = TimeSpan.FromSeconds(300);

    public TimeSpan MaxWatchTimeout { get; set; } = TimeSpan.FromSeconds(600);

    /// <summary>Silence after which the watch reconnects; servers send a bookmark about every minute.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(150);

    /// <summary>Everything is relisted after this time, give or take a tenth.</summary>
    public TimeSpan RelistInterval { get; set; } = TimeSpan.FromHours(10);
}
