using MailOperator.Api;
using MailOperator.Kubernetes;

namespace MailOperator.Reporting;

/// <summary>Keeps an object of one kind from being deleted while MailDevices use it, and says which do.</summary>
internal sealed class InUseFinalizer(ResourceType type, ObjectWriter writer)
{
    /// <summary>Devices come and go in bursts; the count of what they use need not follow each one.</summary>
    public static readonly TimeSpan CountDelay = TimeSpan.FromSeconds(1);

    private const int MaxNamed = 5;

    /// <summary>Before anything uses the object; one that is held already is left.</summary>
    public Task PlaceAsync(ApiObject held, CancellationToken cancellationToken) =>
        writer.AddFinalizerAsync(type, held, Finalizers.InUse, cancellationToken);

    /// <summary>Once nothing uses it any more.</summary>
    public Task LiftAsync(ApiObject held, CancellationToken cancellationToken) =>
        writer.RemoveFinalizerAsync(type, held, Finalizers.InUse, cancellationToken);

    /// <summary>Why the object is still there, for whoever deleted it. Names a few of the devices and counts the rest.</summary>
    public static string Explain(IReadOnlyCollection<MailDevice> users)
    {
        string names = string.Join(", ", users.Select(static device => device.Key.ToString()).Order(StringComparer.Ordinal).Take(MaxNamed));
        string more = users.Count > MaxNamed ? $" and {users.Count - MaxNamed} more" : "";
        return $"It is deleted once no MailDevice uses it; delete these first: {names}{more}";
    }
}
