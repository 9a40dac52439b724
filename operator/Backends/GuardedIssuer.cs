using MailOperator.Passwords;

namespace MailOperator.Backends;

/// <summary>An issuer behind the <see cref="BackendGuard"/> of its backend.</summary>
internal sealed class GuardedIssuer(IPasswordIssuer issuer, BackendGuard guard) : IPasswordIssuer
{
    public string? Unsupported(SlotRestrictions restrictions, DeviceDescription device) =>
        issuer.Unsupported(restrictions, device);

    public Task<AppPassword> IssueAsync(Slot slot, CancellationToken cancellationToken) =>
        guard.CallAsync(token => issuer.IssueAsync(slot, token), isBeginning: false, cancellationToken);
}
