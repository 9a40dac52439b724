using MailOperator.Passwords;

namespace MailOperator.Backends.Infomaniak;

/// <summary>Has Infomaniak make passwords, for every mailbox of a mail service.</summary>
internal sealed class InfomaniakIssuer(InfomaniakApi api, long serviceId) : IPasswordIssuer
{
    public string? Unsupported(SlotRestrictions restrictions, DeviceDescription device) =>
        InfomaniakRestrictions.Problem(restrictions, device);

    public Task<AppPassword> IssueAsync(Slot slot, CancellationToken cancellationToken) =>
        new InfomaniakIssue(api, serviceId, slot).RunAsync(cancellationToken);
}
