using MailOperator.Api;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Revocation;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Status;
using MailOperator.Reporting;

namespace MailOperator.MailDevices;

/// <summary>What holds back everything that gives, changes or repairs, the most important first. Pure.</summary>
internal static class Holds
{
    /// <summary>No watch reports that a foreign Secret was removed, so it is polled.</summary>
    public static readonly TimeSpan ForeignSecretRecheck = TimeSpan.FromMinutes(1);

    /// <summary>When a device that waits for a place in a quota looks again; it is also told of a free place.</summary>
    public static readonly TimeSpan QuotaRecheck = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan DeletingSecretRecheck = TimeSpan.FromSeconds(2);

    private static readonly DeviceVerdict Deletion =
        new(ReadyStatus.False, Reasons.Revoked, "The credential is being revoked")
        {
            PendingRevocation = "The credential is being revoked",
        };

    /// <summary>The hold; null if everything is right.</summary>
    public static Hold? Of(MailDeviceSnapshot device, DateTimeOffset now) => device switch
    {
        { IsDeleting: true, HasFinalizer: false } => No(Reasons.Revoked, "Deleted"),
        { IsDeleting: false, IsGrantRevoked: true } =>
            Stalled(Reasons.NotAllowed, device.Problem!.Message) with { IsWithdrawal = true },
        // A pause keeps the object, not its password.
        { IsPaused: true, IsDeleting: false } when HasExpired(device, now) => Expired(device),
        { IsPaused: true } => new Hold(new DeviceVerdict(
            ReadyStatus.Unknown,
            Reasons.Paused,
            $"The annotation {Annotations.Paused} is set, so nothing is given, changed or repaired; remove it to "
            + "continue. Passwords still end")),
        { IsDeleting: true } => new Hold(Deletion) { IsDeletion = true },
        _ when HasExpired(device, now) => Expired(device),
        { IsNamespaceTerminating: true } =>
            No(Reasons.Pending, "The namespace is being deleted, so this device will be deleted too"),
        // A missing or broken backend may recover without a change to the device.
        { Problem: { Reason: Reasons.BackendUnavailable } problem } =>
            No(problem.Reason, problem.Message) with { RecheckAfter = Newcomer.Left(device, problem.Reason, now) },
        { Problem: { } problem } =>
            Stalled(problem.Reason, problem.Message) with { RecheckAfter = Newcomer.Left(device, problem.Reason, now) },
        { QuotaProblem: { } problem } => No(problem.Reason, problem.Message) with { RecheckAfter = QuotaRecheck },
        { HasFinalizer: false } => null,
        { Secret: SecretState.Foreign foreign } => Stalled(
            Reasons.SecretForeign,
            $"Secret '{device.Desired!.Secret.Name}' exists and {foreign.Owner}, so it is not changed; "
            + "delete it or set spec.secret.name") with
        { RecheckAfter = ForeignSecretRecheck },
        { Secret: SecretState.Owned { IsDeleting: true } } =>
            No(Reasons.Pending, "The Secret is being deleted; a new one will be created") with
            {
                RecheckAfter = DeletingSecretRecheck,
            },
        _ => null,
    };

    private static Hold No(string reason, string message) => new(new DeviceVerdict(ReadyStatus.False, reason, message));

    private static Hold Stalled(string reason, string message) =>
        new(new DeviceVerdict(ReadyStatus.False, reason, message) { IsStalled = true });

    // Without its backend nothing has ended yet.
    private static bool HasExpired(MailDeviceSnapshot device, DateTimeOffset now) =>
        device.Unreachable is null && StopsInForce.IsExpired(device, now);

    private static Hold Expired(MailDeviceSnapshot device) => Stalled(
        Reasons.Expired,
        $"The password ended at {Kubernetes.Rfc3339.Format(device.Stops.EndsAt!.Value)}{device.Stops.EndsBecause}; set "
        + "spec.expiry.at to a later time for a new one") with
    { IsExpiry = true };
}
