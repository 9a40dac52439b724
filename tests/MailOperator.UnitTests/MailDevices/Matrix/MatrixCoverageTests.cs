using System.Collections;
using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using MailOperator.Backends;
using MailOperator.MailDevices;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Spec;
using MailOperator.Reporting;
using MailOperator.UnitTests.Architecture;

namespace MailOperator.UnitTests.MailDevices.Matrix;

/// <summary>
/// The matrix knows everything on which a stop may depend. What is new there needs a state or a stop of the matrix, or
/// a word here why it needs none.
/// </summary>
public sealed partial class MatrixCoverageTests
{
    // No stop depends on them.
    private static readonly string[] OfStops = [nameof(Stops.EndsBecause)]; // words of a message

    private static readonly string[] OfSnapshot =
    [
        // Which device it is, and where.
        nameof(MailDeviceSnapshot.Uid), nameof(MailDeviceSnapshot.BackendName),
        // Only for the status.
        nameof(MailDeviceSnapshot.LastUse), nameof(MailDeviceSnapshot.EndedLogin),
        nameof(MailDeviceSnapshot.HasOwnWindow), nameof(MailDeviceSnapshot.UnknownPause),
        // A person gives up an end, or asks for another password: neither takes a right away.
        nameof(MailDeviceSnapshot.AbandonToken), nameof(MailDeviceSnapshot.RotateToken),
        // The platform lets passwords go on: MailDevicePlannerEndTests and MailBackendRetainedTests.
        nameof(MailDeviceSnapshot.DeletionPolicy),
        // Set while planning.
        nameof(MailDeviceSnapshot.EndingNow), nameof(MailDeviceSnapshot.AreTokensConfirmed),
        // Whether the plan is made once more with the Secret as it is.
        nameof(MailDeviceSnapshot.IsSecretLive),
        // What an earlier pass has done and the status says of it. The passes of each cell set or need them.
        nameof(MailDeviceSnapshot.MayHaveSlots), nameof(MailDeviceSnapshot.ReportedRotateAndRevoke),
        nameof(MailDeviceSnapshot.ReportedRotation),
        nameof(MailDeviceSnapshot.ReportedCredentials), nameof(MailDeviceSnapshot.AreSlotsKnown),
        nameof(MailDeviceSnapshot.SuspendedSince), nameof(MailDeviceSnapshot.IsSuspensionComplete),
        nameof(MailDeviceSnapshot.UncommittedSlotGrace),
        // How long what it names is waited for: nothing is given meanwhile.
        nameof(MailDeviceSnapshot.CreatedAt),
        // Taken over before anything else, in a pass of its own: Plan_RestoredInAnyState_IsTakenOverFirst.
        nameof(MailDeviceSnapshot.RestoredUid),
        // Slots of passwords that nobody was given end at once: BadCompanyTests.
        nameof(MailDeviceSnapshot.Unconfirmed),
    ];

    private static readonly string[] OfSecret =
    [
        // Which Secret it is, and what is cleaned up in it.
        nameof(SecretState.Owned.Name), nameof(SecretState.Owned.Uid), nameof(SecretState.Owned.ResourceVersion),
        nameof(SecretState.Owned.ObsoleteEntries),
    ];

    // They are of invitations, which have no password to end, or only hand on what another one finds.
    private static readonly string[] OfNoDevice = ["OfferResolver.ExpiredAtOnce"];

    private static MailDeviceSnapshot Healthy { get; } = MatrixCell.Healthy(MatrixDriver.All[1]);

    private static ImmutableArray<MailDeviceSnapshot> Imposed { get; } =
    [
        .. MatrixStates.All.Select(static state => state.Impose(Healthy)),
        .. MatrixStop.All.Select(static stop => stop.Impose(Healthy)),
    ];

    /// <summary>The mutant: a new member of Stops that no stop of the matrix imposes.</summary>
    [Fact]
    public void Stops_EveryMember_IsImposedBySomeStop() =>
        AssertVaried(Healthy.Stops, Imposed.Select(static device => device.Stops), OfStops);

    /// <summary>The mutant: a hold keeps the passwords of a restored device from being found.</summary>
    [Fact]
    public void Plan_RestoredInAnyState_IsTakenOverFirst() => Assert.All(Imposed, static device => Assert.Equal(
        [new Change.AdoptSecret("uid-earlier")],
        MailDevicePlanner.Plan(device with { RestoredUid = "uid-earlier" }, Snapshots.Now).Changes));

    /// <summary>The mutant: a new fact about a device that is the same in the whole matrix.</summary>
    [Fact]
    public void Snapshot_EveryFact_DiffersInSomeStateOrStop() => AssertVaried(
        Healthy,
        // Drivers differ in what they can do, and in whom they tell.
        [.. Imposed, .. MatrixDriver.All.Select(MatrixCell.Healthy)],
        OfSnapshot);

    /// <summary>The mutants: a new kind of Secret, and a new mark of the device's own, in no state.</summary>
    [Fact]
    public void Secret_EveryKindAndMark_IsInSomeState()
    {
        SecretState[] secrets = [.. Imposed.Select(static device => device.Secret).OfType<SecretState>()];
        string[] kinds = [.. typeof(SecretState).GetNestedTypes().Select(static kind => kind.Name).Order()];

        Assert.Equal(kinds, secrets.Select(static secret => secret.GetType().Name).Distinct().Order());
        AssertVaried((SecretState.Owned)Healthy.Secret!, secrets.OfType<SecretState.Owned>(), OfSecret);
    }

    /// <summary>The mutant: a new kind of failure that nothing in the matrix fails with.</summary>
    [Fact]
    public void Failure_EveryKind_HappensInSomeState() => Assert.Equal(
        Enum.GetValues<BackendFailure>().Order(),
        MatrixStates.All.Where(static state => state.Fails is not null)
            .SelectMany(static state => state.Failures).Distinct().Order());

    /// <summary>The mutant: a new method that finds a problem with a device, which no state names.</summary>
    [Fact]
    public void Problem_EveryCause_IsNamedByAState()
    {
        string[] causes =
        [
            .. typeof(SpecProblem).Assembly.GetTypes().SelectMany(static type => type.GetMethods(Declared))
                .Where(static method => !method.IsSpecialName && !IsMadeByTheCompiler(method) && FindsProblem(method))
                .Select(static method => $"{method.DeclaringType!.Name}.{method.Name}").Distinct().Order(),
        ];

        Assert.Equal(
            causes,
            MatrixStates.All.SelectMany(static state => state.Causes).Concat(OfNoDevice).Distinct().Order());
    }

    /// <summary>The mutant: a problem of a device with a reason that no state has.</summary>
    [Fact]
    public void Problem_EveryReason_IsOfSomeState()
    {
        string[] reasons =
        [
            .. SourceFile.Operator.Where(static file => file.Namespace?.Contains("DeviceInvitations") is false)
                .SelectMany(static file => Made().Matches(string.Join('\n', file.Lines)))
                .Select(static match => match.Groups[1].Value).Distinct().Order(),
        ];

        Assert.NotEmpty(reasons);
        Assert.Equal(
            reasons,
            Imposed.SelectMany(static device => new[]
                {
                    device.Problem, device.QuotaProblem, device.IssueProblem, device.Source?.Problem,
                })
                .OfType<SpecProblem>().Select(static problem => problem.Reason).Distinct().Order());
    }

    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static
        | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    private static bool FindsProblem(MethodInfo method) => method.ReturnType == typeof(SpecProblem)
        || method.GetParameters().Any(static parameter =>
            parameter.IsOut && parameter.ParameterType.GetElementType() == typeof(SpecProblem));

    private static bool IsMadeByTheCompiler(MethodInfo method) =>
        method.Name.Contains('<') || method.IsDefined(typeof(CompilerGeneratedAttribute));

    private static void AssertVaried<T>(T same, IEnumerable<T> others, string[] except)
        where T : notnull
    {
        string[] all =
        [
            .. typeof(T).GetProperties().Where(static property => property.SetMethod is not null)
                .Select(static property => property.Name),
        ];
        string[] unvaried =
        [
            .. all.Where(name => others.All(other =>
                AreEqual(typeof(T).GetProperty(name)!.GetValue(other), typeof(T).GetProperty(name)!.GetValue(same)))),
        ];

        Assert.Equal(except.Order(), unvaried.Order());
    }

    // Two arrays with the same content are no difference.
    private static bool AreEqual(object? one, object? other) => one is IEnumerable ones && other is IEnumerable others
        ? ones.Cast<object>().SequenceEqual(others.Cast<object>())
        : Equals(one, other);

    [GeneratedRegex(@"\bnew(?: SpecProblem)?\(\s*Reasons\.(\w+)")]
    private static partial Regex Made();
}
