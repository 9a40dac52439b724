using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Spec;
using MailOperator.Reporting;
using static MailOperator.UnitTests.MailDevices.Snapshots;

namespace MailOperator.UnitTests.MailDevices.Matrix;

/// <summary>Something that takes a right away.</summary>
/// <param name="Name">For the page and the output.</param>
/// <param name="Impose">The device when somebody asks for it.</param>
/// <param name="Violates">Whether a slot that still works, of a device as it was when it was asked, ignores it.</param>
internal sealed record MatrixStop(
    string Name,
    Func<MailDeviceSnapshot, MailDeviceSnapshot> Impose,
    Func<MailDeviceSnapshot, Slot, bool> Violates)
{
    /// <summary>What a mail system must be able to do for it, if it cannot end the password instead.</summary>
    public BackendCapabilities Needs { get; init; } = BackendCapabilities.None;

    /// <summary>Whether it acts on such a device. A pause holds back a deletion, and nothing else.</summary>
    public Predicate<MailDeviceSnapshot> Acts { get; init; } = static _ => true;

    public const string Overlapping = "bbbbbb";

    public static readonly MatrixStop Leak = new(
        "rotate-and-revoke",
        static device => device with { RotateAndRevokeToken = "leak" },
        static (before, slot) => slot.Selector is "aaaaaa" or Overlapping);

    public static readonly MatrixStop Deletion = new(
        "deletion", Delete, static (_, slot) => !slot.IsRetained)
    {
        Acts = IsDeletionPlanned,
    };

    public static readonly MatrixStop[] All =
    [
        new("suspended", static device => Restrict(
            device, static one => one with { IsSuspended = true }, static stops => stops with { IsSuspended = true }),
            static (_, _) => true),
        new("suspended of the MailUser", static device => Restrict(
            device,
            static one => one with { IsSuspended = true },
            static stops => stops with { IsSuspended = true, SuspendedUser = "ada", User = ("uid-ada", 2) }),
            static (_, _) => true),
        new("sending: Denied", static device => Restrict(
            device,
            static one => one with { MaySend = false },
            static stops => stops with { MaySend = false, User = ("uid-ada", 2) }),
            static (_, slot) => slot.Restrictions.MaySend && slot.Restrictions.Protocols.Contains(MailProtocol.SMTP))
        {
            Needs = BackendCapabilities.SendRight,
        },
        new("protocols narrower", static device => Restrict(
            device,
            static one => one with { Protocols = [MailProtocol.IMAP] },
            static stops => stops with { Protocols = [MailProtocol.IMAP] }),
            static (_, slot) => slot.Restrictions.Protocols.Contains(MailProtocol.SMTP))
        {
            Needs = BackendCapabilities.Protocols,
        },
        new("networks narrower", static device => Restrict(
            device,
            static one => one with { AllowedNetworks = ["10.0.0.0/8"] },
            static stops => stops with { Networks = ["10.0.0.0/8"] }),
            static (_, slot) => slot.Restrictions.AllowedNetworks is not ["10.0.0.0/8"])
        {
            Needs = BackendCapabilities.Networks,
        },
        Leak,
        new("end of the overlap", static device => device with
        {
            Secret = Retired(device.Secret, Now),
            ReportedRetiring = [new RetiringCredential(Overlapping, Now)],
        }, static (_, slot) => slot.Selector == Overlapping),
        new("expiry", static device => device.EndingAt(Now), static (_, _) => true),
        new("grant withdrawn with Revoke", static device => device with
        {
            IsGrantRevoked = true,
            Desired = null,
            Problem = new SpecProblem(Reasons.NotAllowed, "no grant"),
            ObsoleteSecrets = [new ObsoleteSecret("grafana", "secret-uid")],
        }, static (_, _) => true),
        Deletion,
        new("deletion of the namespace", static device => Delete(device) with
            {
                IsNamespaceTerminating = true,
                IsPaused = false, // as DeviceIdentifier has it: a pause must not keep a namespace
            },
            static (_, slot) => !slot.IsRetained)
        {
            Acts = IsDeletionPlanned,
        },
    ];

    // Without its finalizer the object is gone at once, and what it leaves is an orphan.
    private static bool IsDeletionPlanned(MailDeviceSnapshot device) =>
        device is { IsPaused: false, HasFinalizer: true };

    private static MailDeviceSnapshot Restrict(
        MailDeviceSnapshot device, Func<SlotRestrictions, SlotRestrictions> wanted, Func<Stops, Stops> stops) =>
        device with
        {
            Stops = stops(device.Stops),
            IsEnforced = false,
            Desired = device.Desired is { } desired
                ? desired with
                {
                    Access = desired.Access with { Restrictions = wanted(desired.Access.Restrictions) },
                }
                : null,
        };

    private static SecretState? Retired(SecretState? secret, DateTimeOffset at) => secret switch
    {
        SecretState.Owned owned => owned with { Credential = Retired(owned.Credential, at) },
        SecretState.Foreign { Record: { } record } foreign => foreign with { Record = Retired(record, at) },
        _ => secret,
    };

    private static CredentialRecord Retired(CredentialRecord record, DateTimeOffset at) =>
        record with { Retiring = [new RetiringCredential(Overlapping, at)] };

    private static MailDeviceSnapshot Delete(MailDeviceSnapshot device) => device with
    {
        IsDeleting = true,
        DeletedAt = Now,
        Slots = [],
        EndedSlots = [],
        PropagationDelay = null,
        ObsoleteSecrets = [new ObsoleteSecret("grafana", "secret-uid")],
        OtherPlaces =
        [
            .. device.Unreachable is null
                ? [new SlotPlace("dovecot")
                {
                    Slots = device.Slots,
                    EndedSlots = device.EndedSlots,
                    PropagationDelay = device.PropagationDelay,
                    Capabilities = device.Capabilities,
                }]
                : new[]
                {
                    new SlotPlace("dovecot")
                    {
                        Slots = device.Slots,
                        Failure = new MailBackendException(BackendFailure.Unavailable, device.Unreachable),
                    },
                },
            .. device.OtherPlaces,
        ],
    };
}
