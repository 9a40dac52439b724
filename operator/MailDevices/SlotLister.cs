using System.Collections.Immutable;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailBackends;
using MailOperator.MailDevices.Planning;

namespace MailOperator.MailDevices;

/// <summary>Lists the slots of a device at the MailBackends that may hold some.</summary>
internal sealed class SlotLister(DeviceBackends backends, DeviceGrants grants)
{
    /// <summary>Its slots at its own backend, with those that have ended.</summary>
    /// <exception cref="MailBackendException">The backend did not answer.</exception>
    public Task<IReadOnlyList<Slot>> OwnAsync(
        MailDevice device, IMailBackend backend, CancellationToken cancellationToken) =>
        backend.ListAsync(backends.OwnerOf(device), cancellationToken);

    /// <summary>Every place of a deleted device. One that does not answer does not hold back another.</summary>
    public async Task<ImmutableArray<SlotPlace>> EverywhereAsync(
        MailDevice device, CancellationToken cancellationToken) =>
        backends.NamesForRevocation(device) is { Length: > 0 } names
            ? await AtAsync(device, names, cancellationToken)
            :
            [
                new SlotPlace("")
                {
                    Failure = new MailBackendException(
                        BackendFailure.Unavailable,
                        "No MailBackend exists, so the credential cannot be revoked; create the MailBackend again."),
                },
            ];

    /// <summary>
    /// Places beside the device's own: its spec may name another MailBackend than the one that has it.
    /// </summary>
    public Task<ImmutableArray<SlotPlace>> ElsewhereAsync(
        MailDevice device, string own, CancellationToken cancellationToken) =>
        device.Spec.BackendRef?.Name is { Length: > 0 } named && named != own
            ? AtAsync(device, [named], cancellationToken)
            : Task.FromResult(ImmutableArray<SlotPlace>.Empty);

    private async Task<ImmutableArray<SlotPlace>> AtAsync(
        MailDevice device, IEnumerable<string> names, CancellationToken cancellationToken)
    {
        var places = ImmutableArray.CreateBuilder<SlotPlace>();
        foreach (string name in names)
        {
            places.Add(await AtAsync(device, name, cancellationToken));
        }

        return places.ToImmutable();
    }

    private async Task<SlotPlace> AtAsync(MailDevice device, string name, CancellationToken cancellationToken)
    {
        try
        {
            (_, IMailBackend at) = backends.Usable(name, device);
            IReadOnlyList<Slot> slots = await at.ListAsync(backends.OwnerOf(device), cancellationToken);
            return new SlotPlace(name)
            {
                Slots = [.. slots.Where(static slot => slot.End is null)],
                EndedSlots = [.. slots.Where(static slot => slot.End is not null)],
                PropagationDelay = DeviceBackends.DelayOf(backends.Get(name), at),
                Capabilities = at.Capabilities,
                IsRetentionAllowed = grants.AllowsRetention(device, backends.Get(name)),
            };
        }
        catch (MailBackendException e) when (e.Failure != BackendFailure.Busy)
        {
            return new SlotPlace(name) { Failure = e };
        }
    }
}
