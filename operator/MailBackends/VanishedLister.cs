using MailOperator.Api;
using MailOperator.Backends;

namespace MailOperator.MailBackends;

/// <summary>
/// Lists what devices that have vanished left at a mail system which cannot list all slots: device by device.
/// </summary>
internal sealed class VanishedLister(BackendRegistry registry, OperatorIdentity identity)
{
    // Such mail systems limit requests. The others keep their places until it is their turn.
    private const int MaxAsked = 10;

    /// <param name="backend">The MailBackend.</param>
    /// <param name="vanished">The places of devices that are gone.</param>
    /// <param name="cancellationToken">Ends the calls.</param>
    /// <returns>Their slots, and the places of those that were not asked for.</returns>
    /// <exception cref="MailBackendException">The mail system did not answer.</exception>
    public async Task<(IReadOnlyList<Slot> Slots, IReadOnlyList<UnownedPlace> Unasked)> ListAsync(
        MailBackend backend, IReadOnlyList<UnownedPlace> vanished, CancellationToken cancellationToken)
    {
        var slots = new List<Slot>();
        foreach (UnownedPlace place in vanished.Take(MaxAsked))
        {
            slots.AddRange(await registry.Get(backend, place.Mailbox)
                .ListAsync(new SlotOwner(identity.Instance, place.DeviceUid), cancellationToken));
        }

        return (slots, [.. vanished.Skip(MaxAsked)]);
    }
}
