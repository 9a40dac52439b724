using System.Collections.Immutable;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;
using MailOperator.MailBackends;
using MailOperator.MailServers;

namespace MailOperator.MailDevices.Revocation;

/// <summary>
/// Ends every credential of a deleted device: refused at once, mail servers told once none of them accepts it any
/// more, removed last. Whatever cuts it short, the next try finds in the slots themselves what is still to be done.
/// </summary>
internal sealed class CredentialRevoker(
    DeviceBackends backends,
    IMailServers servers,
    EventRecorder events,
    TimeProvider clock)
{
    /// <summary>Completes when no slot is left, and fails otherwise; abandoned, a failure is told and nothing more.</summary>
    public async Task RevokeAsync(MailDevice device, bool isAbandoned, CancellationToken cancellationToken)
    {
        SlotOwner owner = backends.OwnerOf(device);
        string[] names = backends.NamesForRevocation(device);
        try
        {
            await AtEachAsync(names, name => RevokeAtAsync(device, name, isAbandoned, cancellationToken));
            if (names.Length == 0)
            {
                throw new MailBackendException(
                    BackendFailure.Unavailable, "No MailBackend exists, so nothing shows that the credential is gone; create the MailBackend again.");
            }

            events.Normal(ApiGroup.MailDevices, device, Reasons.Revoked, $"Every password of this device for {device.Spec.Mailbox} has ended");
        }
        catch (MailBackendException e) when (isAbandoned && e.Failure != BackendFailure.Propagating)
        {
            events.Warning(
                ApiGroup.MailDevices, device, Reasons.RevocationAbandoned,
                $"Given up as asked: credentials owned by {owner} may still be accepted. {e.Message}");
        }
    }

    /// <summary>Marks what is to outlive the device; what has ended before ends all the same.</summary>
    public async Task RetainAsync(MailDevice device, bool isAbandoned, CancellationToken cancellationToken)
    {
        SlotOwner owner = backends.OwnerOf(device);
        try
        {
            await AtEachAsync(backends.NamesForRevocation(device), name => RetainAtAsync(device, name, cancellationToken));
            events.Warning(
                ApiGroup.MailDevices, device, Reasons.Revoked,
                $"spec.deletionPolicy is Retain: credentials owned by {owner} go on working and nothing here can revoke them any more");
        }
        catch (MailBackendException e) when (isAbandoned && e.Failure != BackendFailure.Propagating)
        {
            events.Warning(
                ApiGroup.MailDevices, device, Reasons.RevocationAbandoned,
                $"Given up as asked: credentials owned by {owner} are not marked as retained, so the sweep of orphans may end them. {e.Message}");
        }
    }

    /// <summary>A backend that fails does not keep the credential alive at the others.</summary>
    private static async Task AtEachAsync(string[] names, Func<string, Task> act)
    {
        MailBackendException? worst = null;
        foreach (string name in names)
        {
            try
            {
                await act(name);
            }
            catch (MailBackendException e)
            {
                worst = worst is null or { Failure: BackendFailure.Propagating } ? e : worst;
            }
        }

        if (worst is not null)
        {
            throw worst;
        }
    }

    private async Task RevokeAtAsync(MailDevice device, string name, bool isAbandoned, CancellationToken cancellationToken)
    {
        SlotOwner owner = backends.OwnerOf(device);
        (MailBackendSpec spec, IMailBackend at) = backends.Usable(name, device);
        MailBackendException? untold = null;
        if (IMailServers.AreTold(spec))
        {
            try
            {
                await SeeThroughAsync(owner, spec, at, cancellationToken);
            }
            catch (MailBackendException e) when (isAbandoned && e.Failure != BackendFailure.Propagating)
            {
                untold = e; // given up is what cannot be reached, not what can
            }
        }

        await at.RemoveAsync(owner, cancellationToken);
        if (await at.ListAsync(owner, cancellationToken) is { Count: > 0 } left)
        {
            throw new MailBackendException(
                BackendFailure.Unavailable, $"MailBackend '{name}' still shows {left.Count} credentials of this device after it removed them.");
        }

        if (untold is not null)
        {
            throw untold;
        }
    }

    private async Task RetainAtAsync(MailDevice device, string name, CancellationToken cancellationToken)
    {
        SlotOwner owner = backends.OwnerOf(device);
        (MailBackendSpec spec, IMailBackend at) = backends.Usable(name, device);
        ILookup<bool, Slot> slots = (await at.ListAsync(owner, cancellationToken)).ToLookup(static slot => slot.End is not null);
        await at.ApplyAsync(new SlotChange(owner, [.. slots[false].Select(static slot => slot with { IsRetained = true })], []), cancellationToken);
        if (slots[true].Any())
        {
            await TellAsync(spec, at, [.. slots[true]], cancellationToken);
            await at.ApplyAsync(new SlotChange(owner, [], [.. slots[true].Select(static slot => slot.Selector)]), cancellationToken);
        }
    }

    private async Task SeeThroughAsync(SlotOwner owner, MailBackendSpec spec, IMailBackend at, CancellationToken cancellationToken)
    {
        IReadOnlyList<Slot> slots = await at.ListAsync(owner, cancellationToken);
        var end = new SlotEnd(Rfc3339.WholeSeconds(clock.GetUtcNow()), EndsSessions: true);
        ImmutableArray<Slot> refused = [.. slots.Where(static slot => slot.End is not { EndsSessions: true }).Select(slot => PropagationPlanner.Refused(slot, end))];
        if (!refused.IsEmpty)
        {
            await at.ApplyAsync(new SlotChange(owner, refused, []), cancellationToken);
        }

        if (slots.Count > 0) // or an earlier try has told them
        {
            await TellAsync(spec, at, [.. slots.Where(static slot => slot.End is { EndsSessions: true }), .. refused], cancellationToken);
        }
    }

    private async Task TellAsync(MailBackendSpec spec, IMailBackend at, ImmutableArray<Slot> ended, CancellationToken cancellationToken)
    {
        if (!IMailServers.AreTold(spec))
        {
            return;
        }

        TimeSpan left = ended.Max(slot => Propagation.Left(slot.End!.At, at.PropagationDelay, clock.GetUtcNow()));
        if (left > TimeSpan.Zero)
        {
            throw new MailBackendException(BackendFailure.Propagating, "Mail servers may accept the credential for a moment more.") { RetryAfter = left };
        }

        await servers.TellAsync(
            spec, [.. ended.Select(static slot => slot.Mailbox).Distinct(StringComparer.Ordinal)], ended.Any(static slot => slot.End!.EndsSessions), cancellationToken);
    }
}
