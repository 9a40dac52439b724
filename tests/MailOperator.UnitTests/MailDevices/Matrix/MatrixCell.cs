using System.Collections.Immutable;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailDevices;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Spec;
using MailOperator.MailDevices.Status;
using MailOperator.Reporting;
using static MailOperator.UnitTests.MailDevices.Snapshots;

namespace MailOperator.UnitTests.MailDevices.Matrix;

/// <summary>One stop of a device in one or two states, at one mail system.</summary>
internal sealed record MatrixCell(MatrixDriver Driver, ImmutableArray<MatrixState> States, MatrixStop Stop)
{
    // A pass for each second that mail servers may take, and some more.
    private const int MaxPasses = 12;

    private const string Held = "held";

    private MailDeviceSnapshot Before
    {
        get
        {
            MailDeviceSnapshot device = Stop.Impose(
                States.Aggregate(Healthy(Driver), static (device, state) => state.Impose(device)));
            return IsEnforceable ? device : device with
            {
                Desired = null, // as DeviceResolver has it
                Problem = device.Problem ?? new SpecProblem(Reasons.Unsupported, "cannot be enforced"),
            };
        }
    }

    /// <summary>A pause holds back a deletion, and nothing else.</summary>
    public bool IsActedOn => Stop.Acts(Before);

    private bool IsEnforceable => Driver.Can(Stop.Needs)
        && !(Driver.Can(BackendCapabilities.Issued) && Stop.Name.StartsWith("suspended", StringComparison.Ordinal));

    public override string ToString() =>
        $"{Driver.Name}: {string.Join(" + ", States.Select(static state => state.Name))}: {Stop.Name}";

    /// <summary>
    /// Plans and applies until nothing changes, for each way in which something may fail. Returns what is wrong; null
    /// if the stop stopped, or "held" if the status says what holds it and that may be so.
    /// </summary>
    public string? Run()
    {
        string?[] outcomes =
        [
            .. States.Where(static state => state.Fails is not null).SelectMany(static state => state.Failures)
                .DefaultIfEmpty().Distinct().Select(Run),
        ];
        return outcomes.FirstOrDefault(static one => one is not (null or Held))
            ?? outcomes.FirstOrDefault(static one => one is not null);
    }

    private string? Run(BackendFailure way)
    {
        MailDeviceSnapshot before = Before;
        var world = new PlannedWorld(before, Now);
        DeviceVerdict verdict = new(ReadyStatus.True, "", "");
        for (int pass = 0; pass < MaxPasses && !world.IsFinalizerRemoved; pass++)
        {
            MailDevicePlan plan = MailDevicePlanner.Plan(world.Device, world.Now);
            verdict = Pass(world, plan, way, verdict, out string? given);
            if (given is not null)
            {
                return given;
            }

            if (plan.Changes.IsEmpty && !(plan.RecheckAfter < TimeSpan.FromSeconds(5)))
            {
                break;
            }

            world.Now += plan.RecheckAfter is { } wait && wait < TimeSpan.FromSeconds(5) ? wait : TimeSpan.Zero;
        }

        return Judge(before, world, verdict);
    }

    private string? Judge(MailDeviceSnapshot before, PlannedWorld world, DeviceVerdict verdict)
    {
        if (!Stop.Acts(before))
        {
            return null;
        }

        Slot[] working = [.. Working(world.Device).Where(slot => Stop.Violates(before, slot))];
        if (working.Length == 0)
        {
            return verdict.Ready == ReadyStatus.True && Stop.Violates(before, Slot("aaaaaa"))
                && world.Device.Slots.All(static slot => slot.Restrictions.IsSuspended) && !world.IsFinalizerRemoved
                    ? "Ready=True, and nothing works"
                    : null;
        }

        bool isSaid = verdict is { PendingRevocation: not null, Ready: not ReadyStatus.True };
        return !isSaid ? $"{working[0].Selector} works, and the status does not say so ({verdict.Reason})"
            : !MayHold ? $"{working[0].Selector} works: {verdict.PendingRevocation}"
            : Held;
    }

    private bool MayHold =>
        States.Any(state => state.MayHold(Stop)) || !Driver.Can(Stop.Needs);

    // As MailDeviceApplier and MailDeviceReconciler do it.
    private DeviceVerdict Pass(
        PlannedWorld world, MailDevicePlan plan, BackendFailure way, DeviceVerdict said, out string? given)
    {
        given = null;
        MailDeviceSnapshot observed = world.Device;
        var run = new PlanRun(observed);
        MailBackendException? failure = null;
        foreach (Change change in plan.Changes)
        {
            if (change is Change.OfRevocation end)
            {
                if (run.IsToTry(end) && Fails(change))
                {
                    run.Failed(end, FailureOf(change, way));
                }
                else if (run.IsToTry(end))
                {
                    world.Device = world.Apply(change);
                }

                continue;
            }

            if (run.HoldsBack(change))
            {
                break;
            }

            if (Fails(change))
            {
                failure = FailureOf(change, way);
                break;
            }

            world.Device = world.Apply(change);
            given ??= Given(change, world.Device);
        }

        failure ??= run.Worst;
        bool areEndsDone = run.Failures.Count == 0 && observed.Unreachable is null;
        if (areEndsDone && observed.Stops.IsSuspended)
        {
            world.Device = world.Device with { SuspendedSince = world.Device.SuspendedSince ?? world.Now };
        }

        world.Device = world.Device with { IsEnforced = areEndsDone };
        DeviceVerdict verdict = plan.Verdict with { AreEndsDone = areEndsDone };
        return failure switch
        {
            null or { Failure: BackendFailure.Propagating } => verdict,
            { Failure: BackendFailure.Busy } => areEndsDone
                ? Waiting.VerdictOn(observed, failure.Message, world.Now) with
                {
                    AreEndsDone = true,
                    PendingRevocation = plan.Verdict.PendingRevocation,
                }
                : said,
            _ => FailedVerdict.Of(observed, verdict, failure, world.Now),
        };
    }

    private bool Fails(Change change) => States.Any(state => state.Fails?.Invoke(change) is true);

    private MailBackendException FailureOf(Change change, BackendFailure way)
    {
        MatrixState failing = States.First(state => state.Fails?.Invoke(change) is true);
        return new MailBackendException(failing.Failures.Contains(way) ? way : failing.Failures[0], "it failed");
    }

    /// <summary>What a change gave that a stop in force takes; null if nothing.</summary>
    private string? Given(Change change, MailDeviceSnapshot device)
    {
        bool gives = change is Change.IssueCredential or Change.RestoreSlot or Change.PutSlots
            or Change.CommitClaimedHash;
        if (!gives)
        {
            return null;
        }

        Stops stops = device.Stops;
        Slot? wrong = device.Slots.FirstOrDefault(slot => !slot.Restrictions.IsSuspended && (stops.IsSuspended
            || stops.EndsAt <= Now || device.IsGrantRevoked
            || stops.Limit(slot.Restrictions, Driver.Capabilities) != slot.Restrictions));
        return wrong is null ? null : $"{change.GetType().Name} gives {wrong.Selector} a right that a stop takes";
    }

    private static IEnumerable<Slot> Working(MailDeviceSnapshot device) => device.Places
        .SelectMany(static place => place.Slots).Where(static slot => !slot.Restrictions.IsSuspended);

    /// <summary>A device with two passwords: the current one, and one in its overlap.</summary>
    public static MailDeviceSnapshot Healthy(MatrixDriver driver)
    {
        MailDeviceSnapshot device = InSync with
        {
            Capabilities = driver.Capabilities,
            PropagationDelay = driver.Delay,
            Slots = [Slot("aaaaaa"), Slot(MatrixStop.Overlapping)],
            Secret = WithRetiring(new RetiringCredential(MatrixStop.Overlapping, Now.AddHours(3))),
            ReportedCredentials = ["aaaaaa", MatrixStop.Overlapping],
            ReportedRetiring = [new RetiringCredential(MatrixStop.Overlapping, Now.AddHours(3))],
            AreSlotsKnown = true,
            IsEnforced = true,
        };
        return driver.Can(BackendCapabilities.Issued) ? AsIssued(device) : device;
    }

    private static MailDeviceSnapshot AsIssued(MailDeviceSnapshot device)
    {
        var made = new DesiredPassword.MadeByBackend(new DeviceDescription(DeviceType.Other, User: null, UserId: null));
        DesiredCredential desired = device.Desired! with { Password = made };
        return device with
        {
            Desired = desired,
            Secret = ((SecretState.Owned)device.Secret!) with
            {
                Credential = ((SecretState.Owned)device.Secret!).Credential with
                {
                    Origin = new PasswordOrigin.MadeByBackend(desired.Scope),
                },
            },
        };
    }
}
