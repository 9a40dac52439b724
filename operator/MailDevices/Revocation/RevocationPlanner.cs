using System.Collections.Immutable;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;
using MailOperator.Reporting;

namespace MailOperator.MailDevices.Revocation;

/// <summary>
/// Decides how credentials end: at their time, with their device, or with the grant that allowed them. Pure.
/// </summary>
internal static class RevocationPlanner
{
    /// <summary>When a frozen device is checked again whose backend did not answer. Nothing else retries it.</summary>
    public static readonly TimeSpan FrozenRecheck = TimeSpan.FromMinutes(1);

    /// <summary>Reconciliation is on hold, but expiry and overlap ends still apply.</summary>
    public static MailDevicePlan Freeze(MailDeviceSnapshot device, DateTimeOffset now, DeviceVerdict verdict)
    {
        if (device.Frozen is not { } frozen)
        {
            return new MailDevicePlan([], verdict, device.IsFrozenUnknown ? FrozenRecheck : null);
        }

        if (device.LatestEnd is { } end && end <= now)
        {
            return Expire(frozen.Slots, frozen.Secret is { } secret ? [secret] : [], end);
        }

        ImmutableArray<RetiringCredential> retiring =
            [.. frozen.Retiring.Where(one => frozen.Slots.Any(slot => slot.Selector == one.Selector))];
        string[] ended = [.. retiring.Where(one => one.At <= now).Select(static one => one.Selector)];
        IEnumerable<DateTimeOffset> nextLooks = retiring.Select(static one => one.At).Where(at => at > now);
        return new MailDevicePlan(
            ended.Length > 0 ? [new Change.RemoveSlots([.. ended])] : [],
            verdict,
            RecheckTime.Until(
                frozen.Slots.IsEmpty || device.LatestEnd is not { } latest ? nextLooks : nextLooks.Append(latest),
                now));
    }

    /// <summary>
    /// Ends every password and deletes the Secret. If <c>spec.expiry</c> moves to a later time, a new one is issued.
    /// </summary>
    public static MailDevicePlan Expire(MailDeviceSnapshot device, DateTimeOffset end, DateTimeOffset now) => Expire(
        device.Slots,
        device.Secret is SecretState.Owned { IsDeleting: false } secret
            ? device.ObsoleteSecrets.Insert(0, new ObsoleteSecret(secret.Name, secret.Uid))
            : device.ObsoleteSecrets,
        end,
        device.Secret is SecretState.Owned && device.LoginCheck is { Endpoint: { } endpoint } check
            // Slots that are removed only now may have worked until now.
            ? new Change.ExpectRefusal(
                endpoint, check.Username, check.TimeToRefusal(device.Slots.IsEmpty ? end : now, now))
            : null);

    private static MailDevicePlan Expire(
        ImmutableArray<Slot> slots,
        IEnumerable<ObsoleteSecret> secrets,
        DateTimeOffset end,
        Change.ExpectRefusal? login = null)
    {
        var changes = ImmutableArray.CreateBuilder<Change>();
        if (!slots.IsEmpty)
        {
            changes.Add(
                new Change.RemoveSlots([.. slots.Select(static slot => slot.Selector)]) { EndsSessions = true });
        }

        if (login is not null)
        {
            changes.Add(login);
        }

        changes.AddRange(secrets.Select(static secret => new Change.DeleteSecret(secret)));
        return new MailDevicePlan(
            changes.ToImmutable(),
            new DeviceVerdict(
                ReadyStatus.False, Reasons.Expired,
                $"The password ended at {Kubernetes.Rfc3339.Format(end)}; set spec.expiry to a later "
                + "time for a new one")
            { IsStalled = true });
    }

    /// <summary>
    /// Revokes like a deletion but keeps the object. Without its finalizer it is like one that never had a password.
    /// </summary>
    public static MailDevicePlan Withdraw(MailDeviceSnapshot device) => new(
        [
            new Change.RevokeAll(IsAbandoned: false),
            .. device.ObsoleteSecrets.Select(static obsolete => new Change.DeleteSecret(obsolete)),
            new Change.RemoveFinalizer(),
        ],
        new DeviceVerdict(ReadyStatus.False, Reasons.NotAllowed, device.Problem!.Message) { IsStalled = true });

    public static MailDevicePlan Revoke(MailDeviceSnapshot device, DateTimeOffset now)
    {
        bool isRetained = device.DeletionPolicy == DeletionPolicy.Retain;
        bool isAbandoned = device.AbandonToken == device.Uid;
        var changes = ImmutableArray.CreateBuilder<Change>();
        changes.Add(isRetained ? new Change.RetainSlots(isAbandoned) : new Change.RevokeAll(isAbandoned));
        if (!isRetained && !isAbandoned && device.LoginCheck is { Endpoint: { } endpoint } check)
        {
            changes.Add(
                new Change.ExpectRefusal(endpoint, check.Username, check.TimeToRefusal(device.DeletedAt ?? now, now)));
        }

        changes.AddRange(device.ObsoleteSecrets.Select(static obsolete => new Change.DeleteSecret(obsolete)));
        changes.Add(new Change.RemoveFinalizer());
        return new MailDevicePlan(changes.ToImmutable(), new DeviceVerdict(
            ReadyStatus.False, Reasons.Revoked, "The credential is being revoked")
        {
            PendingRevocation = "The credential is being revoked",
        });
    }
}
