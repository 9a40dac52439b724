using System.Diagnostics;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailBackends;
using MailOperator.MailDevices.Planning;
using MailOperator.MailServers;

namespace MailOperator.MailDevices.Revocation;

/// <summary>Applies the changes that take rights away, each at its own backend.</summary>
internal sealed class RevocationChanges(DeviceBackends backends, IMailServers servers)
{
    /// <exception cref="MailBackendException">The backend or a mail server has not done it.</exception>
    public Task ApplyAsync(
        MailDevice device,
        MailDeviceSnapshot observed,
        Change.OfRevocation change,
        CancellationToken cancellationToken)
    {
        string at = change.At ?? observed.BackendName!;
        SlotOwner owner = backends.OwnerOf(device);
        return change switch
        {
            Change.RemoveSlots remove => ApplyAsync(new SlotChange(owner, [], remove.Selectors)),
            Change.RefuseSlots refuse => ApplyAsync(new SlotChange(owner, refuse.Slots, [])),
            Change.LimitSlots limit => ApplyAsync(new SlotChange(owner, limit.Slots, [])),
            Change.RetainSlots retain => ApplyAsync(new SlotChange(owner, retain.Slots, [])),
            Change.RemoveAll => RemoveAllAsync(at, owner, backends.At(at, device), cancellationToken),
            Change.TellMailServers tell => TellAsync(at, tell, cancellationToken),
            _ => throw new UnreachableException($"Nothing applies {change.GetType().Name}."),
        };

        Task ApplyAsync(SlotChange slots) => backends.At(at, device).ApplyAsync(slots, cancellationToken);
    }

    private static async Task RemoveAllAsync(
        string name, SlotOwner owner, IMailBackend at, CancellationToken cancellationToken)
    {
        await at.RemoveAsync(owner, cancellationToken);
        if (await at.ListAsync(owner, cancellationToken) is { Count: > 0 } left)
        {
            throw new MailBackendException(
                BackendFailure.Unavailable,
                $"MailBackend '{name}' still lists {left.Count} credentials of this device after their removal.");
        }
    }

    private async Task TellAsync(string name, Change.TellMailServers tell, CancellationToken cancellationToken)
    {
        try
        {
            MailBackend backend = backends.Get(name);
            if (!backend.IsReadable("spec.dovecot"))
            {
                throw new MailBackendException(
                    BackendFailure.NotFollowed,
                    $"spec.dovecot of MailBackend '{name}' cannot be read, so no mail server was told; correct it.");
            }

            await servers.TellAsync(backend.Spec, tell.Mailboxes, tell.EndsSessions, cancellationToken);
        }
        catch (MailBackendException e)
        {
            throw new MailBackendException(BackendFailure.NotFollowed, e.Message, e);
        }
    }
}
