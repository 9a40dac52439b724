using System.Collections.Immutable;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;
using MailOperator.MailBackends;
using MailOperator.MailServers;

namespace MailOperator.MailDevices.Revocation;

/// <summary>
/// Ends every credential of a deleted device: the backend refuses it at once, the mail servers are told once none of
/// them may accept it any more, and its slot is removed last. The slots record this progress, so an interrupted
/// revocation continues at the next try.
/// </summary>
internal sealed class CredentialRevoker(
    DeviceBackends backends,
    IMailServers servers,
    EventRecorder events,
    TimeProvider clock)
{
    /// <summary>Completes when no slot is left. If it was abandoned, a failure only emits an event.</summary>
    /// <exception cref="MailBackendException">Slots may be left, or mail servers are not told yet.</exception>
    public async Task RevokeAsync(MailDevice device, bool isAbandoned, CancellationToken cancellationToken)
    {
        SlotOwner owner = backends.OwnerOf(device);
        string[] names = backends.NamesForRevocation(device);
        try
        {
            await ForEachBackendAsync(names, name => RevokeAtAsync(device, name, isAbandoned, cancellationToken));
            if (names.Length == 0)
            {
                throw new MailBackendException(
                    BackendFailure.Unavailable,
                    "No MailBackend exists, so the credential cannot be revoked; create the MailBackend again.");
            }

            events.Normal(
                ApiGroup.MailDevices, device, Reasons.Revoked,
                $"Every password of this device for {device.Spec.Mailbox} has ended");
        }
        catch (MailBackendException e) when (isAbandoned && e.Failure != BackendFailure.Propagating)
        {
            events.Warning(
                ApiGroup.MailDevices, device, Reasons.RevocationAbandoned,
                $"Abandoned as requested: credentials owned by {owner} may still be accepted. {e.Message}");
        }
    }

    /// <summary>Marks the slots that outlive the device. Slots that have ended before are still removed.</summary>
    /// <exception cref="MailBackendException">Slots may be left unmarked, or mail servers are not told yet.</exception>
    public async Task RetainAsync(MailDevice device, bool isAbandoned, CancellationToken cancellationToken)
    {
        SlotOwner owner = backends.OwnerOf(device);
        try
        {
            await ForEachBackendAsync(
                backends.NamesForRevocation(device), name => RetainAtAsync(device, name, cancellationToken));
            events.Warning(
                ApiGroup.MailDevices, device, Reasons.Retained,
                $"spec.deletionPolicy is Retain, so credentials owned by {owner} keep working "
                + "and the operator can no longer revoke them");
        }
        catch (MailBackendException e) when (isAbandoned && e.Failure != BackendFailure.Propagating)
        {
            events.Warning(
                ApiGroup.MailDevices, device, Reasons.RevocationAbandoned,
                $"Abandoned as requested: credentials owned by {owner} are not marked as retained, "
                + $"so the orphan sweep may remove them. {e.Message}");
        }
    }

    /// <summary>Acts on every backend, so that one failure does not keep the credential alive at the others.</summary>
    /// <exception cref="MailBackendException">The first failure; one that needs only time counts least.</exception>
    private static async Task ForEachBackendAsync(string[] names, Func<string, Task> act)
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

    private async Task RevokeAtAsync(
        MailDevice device, string name, bool isAbandoned, CancellationToken cancellationToken)
    {
        SlotOwner owner = backends.OwnerOf(device);
        (MailBackendSpec spec, IMailBackend at) = backends.Usable(name, device);
        MailBackendException? tellFailure = null;
        if (IMailServers.AreTold(spec))
        {
            try
            {
                await RefuseAndTellAsync(owner, spec, at, cancellationToken);
            }
            catch (MailBackendException e) when (isAbandoned && e.Failure != BackendFailure.Propagating)
            {
                tellFailure = e; // abandoned: still remove the slots that can be reached
            }
        }

        await at.RemoveAsync(owner, cancellationToken);
        if (await at.ListAsync(owner, cancellationToken) is { Count: > 0 } left)
        {
            throw new MailBackendException(
                BackendFailure.Unavailable,
                $"MailBackend '{name}' still lists {left.Count} credentials of this device after their removal.");
        }

        if (tellFailure is not null)
        {
            throw tellFailure;
        }
    }

    private async Task RetainAtAsync(MailDevice device, string name, CancellationToken cancellationToken)
    {
        SlotOwner owner = backends.OwnerOf(device);
        (MailBackendSpec spec, IMailBackend at) = backends.Usable(name, device);
        ILookup<bool, Slot> slots = (await at.ListAsync(owner, cancellationToken))
            .ToLookup(static slot => slot.End is not null);
        await at.ApplyAsync(
            new SlotChange(owner, [.. slots[false].Select(static slot => slot with { IsRetained = true })], []),
            cancellationToken);
        if (slots[true].Any())
        {
            await TellAsync(spec, at, [.. slots[true]], cancellationToken);
            await at.ApplyAsync(
                new SlotChange(owner, [], [.. slots[true].Select(static slot => slot.Selector)]), cancellationToken);
        }
    }

    private async Task RefuseAndTellAsync(
        SlotOwner owner, MailBackendSpec spec, IMailBackend at, CancellationToken cancellationToken)
    {
        IReadOnlyList<Slot> slots = await at.ListAsync(owner, cancellationToken);
        var end = new SlotEnd(Rfc3339.WholeSeconds(clock.GetUtcNow()), EndsSessions: true);
        ImmutableArray<Slot> refused =
        [
            .. slots.Where(static slot => slot.End is not { EndsSessions: true })
                .Select(slot => PropagationPlanner.Refused(slot, end)),
        ];
        if (!refused.IsEmpty)
        {
            await at.ApplyAsync(new SlotChange(owner, refused, []), cancellationToken);
        }

        if (slots.Count > 0) // without slots an earlier try has told the mail servers
        {
            await TellAsync(
                spec, at, [.. slots.Where(static slot => slot.End is { EndsSessions: true }), .. refused],
                cancellationToken);
        }
    }

    private async Task TellAsync(
        MailBackendSpec spec, IMailBackend at, ImmutableArray<Slot> ended, CancellationToken cancellationToken)
    {
        if (!IMailServers.AreTold(spec))
        {
            return;
        }

        TimeSpan left = ended.Max(slot => Propagation.Left(slot.End!.At, at.PropagationDelay, clock.GetUtcNow()));
        if (left > TimeSpan.Zero)
        {
            throw new MailBackendException(
                BackendFailure.Propagating, "Mail servers may still accept the credential for a moment.")
            {
                RetryAfter = left,
            };
        }

        await servers.TellAsync(
            spec, [.. ended.Select(static slot => slot.Mailbox).Distinct(StringComparer.Ordinal)],
            ended.Any(static slot => slot.End!.EndsSessions), cancellationToken);
    }
}
