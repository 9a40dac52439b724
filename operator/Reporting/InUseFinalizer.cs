using MailOperator.Api;
using MailOperator.Kubernetes;

namespace MailOperator.Reporting;

/// <summary>Keeps an object of one kind from being deleted while MailDevices use it, and names the devices.</summary>
internal sealed class InUseFinalizer(ResourceType type, ObjectWriter writer)
{
    /// <summary>Devices come and go in bursts; the number of devices in a status need not follow each one.</summary>
    public static readonly TimeSpan CountDelay = TimeSpan.FromSeconds(1);

    private const int MaxNamed = 5;

    /// <summary>Adds the finalizer unless it is there. Call this before anything uses the object.</summary>
    public Task AddAsync(ApiObject target, CancellationToken cancellationToken) =>
        writer.AddFinalizerAsync(type, target, Finalizers.InUse, cancellationToken);

    /// <summary>Removes the finalizer. Call this once nothing uses the object.</summary>
    public Task RemoveAsync(ApiObject target, CancellationToken cancellationToken) =>
        writer.RemoveFinalizerAsync(type, target, Finalizers.InUse, cancellationToken);

    /// <summary>Why a deleted object is still there. Names a few of the devices and counts the rest.</summary>
    /// <param name="users">The devices that use it.</param>
    /// <param name="advice">What to do with them, as a clause.</param>
    public static string Explain(IReadOnlyCollection<MailDevice> users, string advice)
    {
        string names = string.Join(", ", users
            .Select(static device => device.Key.ToString()).Order(StringComparer.Ordinal).Take(MaxNamed));
        string more = users.Count > MaxNamed ? $" and {users.Count - MaxNamed} more" : "";
        return $"It is deleted once no MailDevice uses it; {advice}: {names}{more}";
    }
}
