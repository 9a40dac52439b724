namespace MailOperator.Kubernetes;

/// <summary>
/// Says which change of which object enqueues which keys. Several may listen to one informer, in any order.
/// </summary>
internal interface IWatches
{
    /// <summary>Called once, before any informer starts.</summary>
    void Connect();
}
