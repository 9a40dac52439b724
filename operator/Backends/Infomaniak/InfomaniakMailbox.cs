namespace MailOperator.Backends.Infomaniak;

/// <summary>
/// One mailbox of a mail service. Each slot is a device with one access, and its label identifies the owner. Devices
/// without such a label, or with another owner's, are never changed.
/// </summary>
internal sealed class InfomaniakMailbox(InfomaniakApi api, InfomaniakIssuer issuer, string mailbox) : IMailBackend
{
    public BackendCapabilities DeclaredCapabilities => InfomaniakBackend.Offered;

    public IPasswordIssuer? Issuer => issuer;

    public IDeviceUses? Uses => null;

    public TimeSpan PropagationDelay => InfomaniakBackend.ChangesSettleIn;

    public Task<IReadOnlyList<Slot>> ListAsync(SlotOwner owner, CancellationToken cancellationToken) =>
        ListAsync($"{owner}", label => label.Owner == owner, cancellationToken);

    public Task<IReadOnlyList<Slot>> ListAllAsync(string instance, CancellationToken cancellationToken) =>
        ListAsync(instance, label => label.Owner.Instance == instance, cancellationToken);

    public async Task ApplyAsync(SlotChange change, CancellationToken cancellationToken)
    {
        // The API cannot keep a password and refuse it: one that has ended is deleted.
        ILookup<bool, Slot> put = change.Put.ToLookup(static slot => slot.End is not null);
        HashSet<string> removed = [.. change.Remove, .. put[true].Select(static slot => slot.Selector)];
        if (removed.Count == 0 && !put[false].Any())
        {
            return;
        }

        RequestAllowance allowance = api.Limit.Begin($"{change.Owner}", 2);
        ILookup<string, DeviceAccess> own = await OwnAsync(change.Owner, allowance, cancellationToken);
        if (put[false].FirstOrDefault(slot => !own[slot.Selector].Any()) is { } gone)
        {
            throw new MailBackendException(
                BackendFailure.Unavailable,
                $"Infomaniak no longer has password {gone.Selector} of {mailbox}, and an old one cannot be restored; "
                + "the next try makes another.");
        }

        foreach (DeviceAccess access in removed.SelectMany(selector => own[selector]))
        {
            await RemoveAsync(access, allowance, cancellationToken);
        }

        foreach (Slot slot in put[false])
        {
            await LabelAsync(own[slot.Selector], DeviceLabel.Of(slot).ToString(), allowance, cancellationToken);
        }
    }

    public async Task RemoveAsync(SlotOwner owner, CancellationToken cancellationToken)
    {
        RequestAllowance allowance = api.Limit.Begin($"{owner}", 3);
        ILookup<string, DeviceAccess> own = await OwnAsync(owner, allowance, cancellationToken);
        if (own.Count == 0)
        {
            api.ForgetList(mailbox); // a second look, to be sure, must not see this same list
            return;
        }

        foreach (DeviceAccess access in own.SelectMany(static accesses => accesses))
        {
            await RemoveAsync(access, allowance, cancellationToken);
        }

        if ((await OwnAsync(owner, allowance, cancellationToken)).Count > 0)
        {
            throw new MailBackendException(
                BackendFailure.Unavailable,
                $"Infomaniak still shows passwords of {mailbox} that it says it removed; they will be removed again.");
        }
    }

    private async Task<IReadOnlyList<Slot>> ListAsync(
        string who, Func<DeviceLabel, bool> isWanted, CancellationToken cancellationToken)
    {
        IReadOnlyList<DeviceAccess> accesses = await api.LookAsync(who, mailbox, cancellationToken);
        try
        {
            return
            [
                .. accesses.Where(access => access.Label is { } label && isWanted(label))
                    .GroupBy(static access => (access.Label!.Owner, access.Label.Selector))
                    .Select(same => DeviceAccess.ToSlot([.. same.OrderBy(static access => access.Id)], mailbox)),
            ];
        }
        catch (FormatException e)
        {
            throw new MailBackendException(
                BackendFailure.Unavailable,
                $"Infomaniak's list of the devices of {mailbox} does not match the description of its "
                + $"API: {e.Message}.",
                e);
        }
    }

    private async Task<ILookup<string, DeviceAccess>> OwnAsync(
        SlotOwner owner, RequestAllowance allowance, CancellationToken cancellationToken) =>
        (await api.ListAsync(mailbox, allowance, cancellationToken))
            .Where(access => access.Label?.Owner == owner)
            .ToLookup(static access => access.Label!.Selector, StringComparer.Ordinal);

    private async Task LabelAsync(
        IEnumerable<DeviceAccess> accesses,
        string label,
        RequestAllowance allowance,
        CancellationToken cancellationToken)
    {
        foreach (ApiDevice device in accesses.Select(static access => access.Device!)
            .Where(device => device.Label != label))
        {
            await api.RenameAsync(mailbox, device, label, allowance, cancellationToken);
        }
    }

    private async Task RemoveAsync(DeviceAccess access, RequestAllowance allowance, CancellationToken cancellationToken)
    {
        await api.DeleteAccessAsync(mailbox, access, allowance, cancellationToken);
        if (access.Device is { CountAccesses: 1 } empty)
        {
            try
            {
                // What happens to a device without an access is not documented. Its password has ended either way.
                await api.DeleteDeviceAsync(mailbox, empty, allowance, cancellationToken);
            }
            catch (MailBackendException)
            {
            }
        }
    }
}
