using MailOperator.Passwords;

namespace MailOperator.Backends.Infomaniak;

/// <summary>
/// Makes one password. If the outcome of a request is unknown, it is looked up by the slot's mark, and what remains
/// unclear is removed: only passwords that can be revoked later are handed out.
/// </summary>
/// <remarks>
/// Only the call that made an access uses it. Another process that finds it leaves it alone: two processes that
/// regenerate the password of one access would invalidate each other's. What a crashed process left is removed as a
/// slot that no Secret names.
/// </remarks>
internal sealed class InfomaniakIssue(InfomaniakApi api, long serviceId, Slot slot)
{
    public async Task<AppPassword> RunAsync(CancellationToken cancellationToken)
    {
        RequestAllowance allowance = api.Limit.Begin($"{slot.Owner}", 2);
        AppPassword password;
        try
        {
            password = await api.CreateAsync(slot, allowance, cancellationToken);
        }
        catch (MailBackendException e) when (e.Failure == BackendFailure.Unavailable)
        {
            if (await FindAsync(allowance, cancellationToken) is not { } made)
            {
                throw;
            }

            return await RegenerateAsync(made, allowance, cancellationToken);
        }

        try
        {
            _ = await FindAsync(allowance, cancellationToken)
                ?? throw new MailBackendException(
                    BackendFailure.Unavailable,
                    $"Infomaniak made a password for {slot.Mailbox} but does not list its device, so it could not be "
                    + "revoked; it was discarded.");
            return password;
        }
        catch
        {
            password.Dispose();
            throw;
        }
    }

    /// <summary>The access that was created; null if there is none.</summary>
    private async Task<DeviceAccess?> FindAsync(RequestAllowance allowance, CancellationToken cancellationToken)
    {
        DeviceAccess[] made =
        [
            .. (await api.ListAsync(slot.Mailbox, allowance, cancellationToken))
                .Where(access =>
                    access.Label is { } label && label.Owner == slot.Owner && label.Selector == slot.Selector),
        ];
        if (made.Length > 1)
        {
            await RemoveAsync(made, allowance, cancellationToken);
            throw new MailBackendException(
                BackendFailure.Unavailable,
                $"Infomaniak made several passwords for {slot.Mailbox} where one was asked for; "
                + "they were removed, and the next try makes another.");
        }

        if (made.FirstOrDefault(IsElsewhere) is { } elsewhere)
        {
            await RemoveAsync(made, allowance, cancellationToken);
            throw new MailBackendException(
                BackendFailure.MailboxNotFound,
                $"Mail service {serviceId} has no mailbox {slot.Mailbox}, but {elsewhere.Mailbox!.Mailbox}, "
                + "whose new password was "
                + "removed; correct spec.mailbox or the MailBackend's spec.infomaniak.serviceId.");
        }

        return made.FirstOrDefault();
    }

    private async Task<AppPassword> RegenerateAsync(
        DeviceAccess made, RequestAllowance allowance, CancellationToken cancellationToken)
    {
        try
        {
            return await api.RegenerateAsync(slot.Mailbox, made, allowance, cancellationToken);
        }
        catch (MailBackendException e) when (e.Failure == BackendFailure.Unavailable)
        {
            // The lost request may still arrive, and would invalidate the next password.
            await RemoveAsync([made], allowance, cancellationToken);
            throw;
        }
    }

    private async Task RemoveAsync(DeviceAccess[] made, RequestAllowance allowance, CancellationToken cancellationToken)
    {
        foreach (DeviceAccess access in made)
        {
            await api.DeleteAccessAsync(slot.Mailbox, access, allowance, cancellationToken);
        }
    }

    // The request names only the part before the @.
    private bool IsElsewhere(DeviceAccess access) =>
        !slot.Mailbox.Equals(access.Mailbox!.Mailbox, StringComparison.OrdinalIgnoreCase)
        && !slot.Mailbox.Equals(access.Mailbox.MailboxIdn, StringComparison.OrdinalIgnoreCase);
}
