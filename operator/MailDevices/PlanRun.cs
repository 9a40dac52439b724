using MailOperator.Backends;
using MailOperator.MailDevices.Planning;

namespace MailOperator.MailDevices;

/// <summary>
/// Collects the failures of the ends of one plan: one backend does not hold back another, and a mail server that cannot
/// be told does not hold back a new password.
/// </summary>
internal sealed class PlanRun
{
    private readonly MailDeviceSnapshot _observed;
    private readonly Dictionary<string, MailBackendException> _failures = new(StringComparer.Ordinal);

    public PlanRun(MailDeviceSnapshot observed)
    {
        _observed = observed;
        foreach (SlotPlace place in observed.OtherPlaces.Where(static place => place.Failure is not null))
        {
            _failures[KeyOf(place.Name)] = place.Failure!;
        }
    }

    /// <summary>The failures at each place.</summary>
    public IReadOnlyCollection<MailBackendException> Failures => _failures.Values;

    /// <summary>
    /// What to report: a backend that has not ended a password before a mail server that was not told.
    /// </summary>
    public MailBackendException? Worst =>
        _failures.Values.OrderBy(static e => e.Failure == BackendFailure.NotFollowed).FirstOrDefault();

    /// <summary>
    /// Whether an end at this place is still to be tried. After a failure the next ones there depend on it, unless
    /// somebody gave up the revocation: then all that can be done is done.
    /// </summary>
    public bool IsToTry(Change.OfRevocation change) =>
        _observed.IsAbandoned || !_failures.ContainsKey(KeyOf(change.At));

    public void Failed(Change.OfRevocation change, MailBackendException failure) =>
        _failures.TryAdd(KeyOf(change.At), failure);

    /// <summary>Whether the failures hold back what follows the ends.</summary>
    /// <param name="change">The change that follows.</param>
    public bool HoldsBack(Change change) =>
        change is not Change.ConfirmTokens
        && !_observed.IsAbandoned
        && _failures.Values.Any(e => e.Failure != BackendFailure.NotFollowed || IsLast(change));

    // These close the books on a password, so they wait until the last mail server has heard of its end.
    private bool IsLast(Change change) =>
        _observed.IsDeleting || _observed.IsGrantRevoked || change is Change.RemoveFinalizer;

    private static string KeyOf(string? place) => place ?? "";
}
