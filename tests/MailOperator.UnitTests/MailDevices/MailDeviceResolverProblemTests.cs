using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailDevices.Spec;
using MailOperator.Reporting;
using static MailOperator.UnitTests.MailDevices.Resolving;

namespace MailOperator.UnitTests.MailDevices;

/// <summary>Each possible problem by itself: its reason, and the words that say where to look.</summary>
public sealed class MailDeviceResolverProblemTests
{
    private const BackendCapabilities All = BackendCapabilities.Protocols | BackendCapabilities.Networks;

    private static readonly Dictionary<string, (Action<MailDevice, MailBackend> Break, string Reason)> Problems = new()
    {
        ["spec.mailbox ''"] = ((device, _) => device.Spec.Mailbox = "", Reasons.InvalidSpec),
        ["spec.password.length must be 16 to 72"] = (
            (device, _) => device.Spec.Password = new PasswordSpec { Length = 15 }, Reasons.InvalidSpec),
        ["needs the name of a Secret and of a key"] = ((device, _) => device.Spec.Password = new PasswordSpec
        {
            ValueFrom = new() { SecretKeyRef = new() { Name = new string('a', 254), Key = "password" } },
        }, Reasons.InvalidSpec),
        // An empty list does not mean "from anywhere".
        ["spec.allowedNetworks is empty"] = ((device, _) => device.Spec.AllowedNetworks = [], Reasons.InvalidSpec),
        ["spec.secret.type ''"] = (
            (device, _) => device.Spec.Secret = new SecretSpec { Type = "" }, Reasons.InvalidSpec),
        ["spec.secret.type 'kubernetes.io/tls'"] = (
            (device, _) => device.Spec.Secret = new SecretSpec { Type = "kubernetes.io/tls" }, Reasons.InvalidSpec),
        ["spec.secret.type 'bootstrap.kubernetes.io/token'"] = (
            (device, _) => device.Spec.Secret = new SecretSpec { Type = "bootstrap.kubernetes.io/token" },
            Reasons.InvalidSpec),
        ["spec.userRef.name is empty"] = (
            (device, _) => device.Spec.UserRef = new ObjectReference(), Reasons.InvalidSpec),
        ["spec.rotation.overlap '1 day'"] = (
            (device, _) => device.Spec.Rotation = new DeviceRotationSpec { Overlap = "1 day" }, Reasons.InvalidSpec),
        ["spec.rotation.interval ''"] = (
            (device, _) => device.Spec.Rotation = new DeviceRotationSpec { Interval = "" }, Reasons.InvalidSpec),
        ["spec.rotation.window.cron '0 2 30 2 *' names a time that never comes"] = (
            (device, _) => device.Spec.Rotation = new DeviceRotationSpec
            {
                Window = new() { Cron = "0 2 30 2 *", Duration = "4h" },
            },
            Reasons.InvalidSpec),
        ["spec.secret.data['SMTP'] cannot be used: variable 'hots' is not known at (1:4)"] = (
            (device, _) => device.Spec.Secret = new SecretSpec { Data = new() { ["SMTP"] = "{{ hots }}" } },
            Reasons.InvalidSpec),
        ["spec.secret.data['password'] cannot be used: the operator writes this key itself"] = (
            (device, _) => device.Spec.Secret = new SecretSpec { Data = new() { ["password"] = "mine" } },
            Reasons.InvalidSpec),
        ["spec.secret.data['..a'] cannot be used: a key has"] = (
            (device, _) => device.Spec.Secret = new SecretSpec { Data = new() { ["..a"] = "x" } }, Reasons.InvalidSpec),
        ["spec.secret.data['.'] cannot be used: a key has"] = (
            (device, _) => device.Spec.Secret = new SecretSpec { Data = new() { ["."] = "x" } }, Reasons.InvalidSpec),
        ["spec.secret.data['a,b;c'] cannot be used: a key has"] = (
            (device, _) => device.Spec.Secret = new SecretSpec { Data = new() { ["a,b;c"] = "x" } },
            Reasons.InvalidSpec),
        ["spec.rolloutRestartTargets names '../web'"] = (
            (device, _) => device.Spec.RolloutRestartTargets = [new RolloutTargetSpec { Name = "../web" }],
            Reasons.InvalidSpec),
        ["spec.rolloutRestartTargets names ''"] = (
            (device, _) => device.Spec.RolloutRestartTargets = [new RolloutTargetSpec()], Reasons.InvalidSpec),
        ["spec.rolloutRestartTargets holds more than 16"] = ((device, _) => device.Spec.RolloutRestartTargets =
        [
            .. Enumerable.Range(0, 17).Select(number => new RolloutTargetSpec { Name = $"w{number}" }),
        ], Reasons.InvalidSpec),
        ["spec.secret.data holds more than 32 keys"] = ((device, _) => device.Spec.Secret = new SecretSpec
        {
            Data = Enumerable.Range(0, 33).ToDictionary(number => $"K{number}", _ => "x"),
        }, Reasons.InvalidSpec),
        ["spec.secret.data['LONG'] cannot be used: it is longer than 4096 characters"] = (
            (device, _) => device.Spec.Secret = new SecretSpec { Data = new() { ["LONG"] = new string('x', 4097) } },
            Reasons.InvalidSpec),
        ["spec.secret.data['LONG'] cannot be used: it comes to more than 16384 characters"] = (
            (device, _) => device.Spec.Secret = new SecretSpec
            {
                Data = new() { ["LONG"] = string.Concat(Enumerable.Repeat("{{password}}", 228)) },
            },
            Reasons.InvalidSpec),
        ["spec.secret.data comes to more than 262144 bytes"] = ((device, _) => device.Spec.Secret = new SecretSpec
        {
            Data = Enumerable.Range(0, 32)
                .ToDictionary(number => $"K{number}", _ => string.Concat(Enumerable.Repeat("{{password}}", 114))),
        }, Reasons.InvalidSpec),
        ["'argocd.argoproj.io/tracking-id'"] = ((device, _) => device.Spec.Secret =
            new SecretSpec { Annotations = new() { ["argocd.argoproj.io/tracking-id"] = "x" } }, Reasons.InvalidSpec),
        ["'kubectl.kubernetes.io/last-applied-configuration'"] = ((device, _) => device.Spec.Secret = new SecretSpec
        {
            Annotations = new() { ["kubectl.kubernetes.io/last-applied-configuration"] = "x" },
        }, Reasons.InvalidSpec),
        ["'mailoperator.io/anything'"] = (
            (device, _) =>
                device.Spec.Secret = new SecretSpec { Labels = new() { ["mailoperator.io/anything"] = "x" } },
            Reasons.InvalidSpec),
        ["exactly one of at and after"] = (
            (device, _) => device.Spec.Expiry = new DeviceExpirySpec { At = DateTimeOffset.UnixEpoch, After = "7d" },
            Reasons.InvalidSpec),
        ["overlap of 2d is longer than the rotation interval of 1d"] = (
            (device, backend) => (device.Spec.Rotation, backend.Spec.Rotation) = (
                new DeviceRotationSpec { Interval = "1d" }, new BackendRotationSpec { Overlap = "2d" }),
            Reasons.InvalidSpec),
        ["at most 30d"] = ((device, backend) => (device.Spec.Expiry, backend.Spec.Expiry) = (
            new DeviceExpirySpec { At = Created.AddDays(30).AddSeconds(1) },
            new BackendExpirySpec { Maximum = "30d" }), Reasons.InvalidSpec),
        ["cannot be used: spec.client names no endpoint"] = (
            (_, backend) => backend.Spec.Client = new ClientSpec(), Reasons.BackendUnavailable),
        ["spec.rotation.overlap 'x'"] = (
            (_, backend) => backend.Spec.Rotation = new BackendRotationSpec { Overlap = "x" },
            Reasons.BackendUnavailable),
        ["spec.rotation.interval 'x'"] = (
            (_, backend) => backend.Spec.Rotation = new BackendRotationSpec { Interval = "x" },
            Reasons.BackendUnavailable),
        ["spec.rotation.window.timeZone 'Mars/Olympus'"] = (
            (_, backend) => backend.Spec.Rotation = new BackendRotationSpec
            {
                Interval = "90d",
                Window = new() { Cron = "0 2 * * *", Duration = "4h", TimeZone = "Mars/Olympus" },
            },
            Reasons.BackendUnavailable),
        ["spec.expiry.after 'x'"] = (
            (_, backend) => backend.Spec.Expiry = new BackendExpirySpec { After = "x" }, Reasons.BackendUnavailable),
        ["spec.expiry.maximum 'y'"] = (
            (_, backend) => backend.Spec.Expiry = new BackendExpirySpec { Maximum = "y" }, Reasons.BackendUnavailable),
        ["serves none of the protocols in spec.protocols (POP3)"] = (
            (device, _) => device.Spec.Protocols = [MailProtocol.POP3], Reasons.Unsupported),
    };

    private static readonly DateTimeOffset Created = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    public static TheoryData<string> Words => [.. Problems.Keys];

    [Theory]
    [MemberData(nameof(Words))]
    public void Resolve_OneProblem_NamesIt(string words)
    {
        (MailDevice device, MailBackend backend) = Good();
        Problems[words].Break(device, backend);

        Assert.False(TryResolve(device, backend, All, out DesiredCredential? desired, out SpecProblem? problem));

        Assert.Null(desired);
        Assert.Equal(Problems[words].Reason, problem.Reason);
        Assert.Contains(words, problem.Message);
    }

    [Theory]
    [InlineData("010.0.0.0/8")]
    [InlineData("10.0.0.0/8 user=boss")]
    [InlineData("")]
    public void Resolve_TextThatIsNoNetwork_IsRefused(string network)
    {
        (MailDevice device, MailBackend backend) = Good();
        device.Spec.AllowedNetworks = ["10.0.0.0/8", network];

        Assert.False(TryResolve(device, backend, All, out _, out SpecProblem? problem));

        Assert.Equal(Reasons.InvalidSpec, problem.Reason);
        Assert.Contains($"'{network}'", problem.Message);
    }

    [Fact]
    public void Resolve_AtTheLimits_IsAccepted()
    {
        (MailDevice device, MailBackend backend) = Good();
        device.Spec.Password = new PasswordSpec { Length = 72, Alphabet = PasswordAlphabet.WithSymbols };
        device.Spec.Rotation = new DeviceRotationSpec { Interval = "90d", Overlap = "90d" };
        device.Spec.Expiry = new DeviceExpirySpec { At = Created.AddDays(30) };
        backend.Spec.Expiry = new BackendExpirySpec { Maximum = "30d" };
        backend.Spec.Hashing = new HashingSpec { WorkFactor = 4 };

        Assert.True(
            TryResolve(device, backend, All, out DesiredCredential? desired, out SpecProblem? problem),
            problem?.Message);

        Assert.Equal(
            (new DesiredPassword.Generated(72, PasswordAlphabet.WithSymbols), 4),
            (desired.Password, desired.WorkFactor));
        Assert.Equal(
            (TimeSpan.FromDays(90), TimeSpan.FromDays(90), Created.AddDays(30)),
            (desired.Lifetime.Interval, desired.Lifetime.Overlap, desired.Lifetime.ExpiresAt));
    }

    [Fact]
    public void Resolve_SecretSettings_AreUsed()
    {
        (MailDevice device, MailBackend backend) = Good();
        device.Spec.Secret = new SecretSpec
        {
            Name = "mail",
            Type = "Opaque",
            Labels = new() { ["b"] = "2", ["a"] = "1" },
            Annotations = new() { ["c"] = "3" },
        };
        device.Spec.Protocols = [MailProtocol.SMTP, MailProtocol.IMAP, MailProtocol.SMTP];
        device.Spec.Suspended = true;

        Assert.True(TryResolve(device, backend, All, out DesiredCredential? desired, out _));

        Assert.Equal(("mail", "Opaque"), (desired.Secret.Name, desired.Secret.Type));
        Assert.Equal(["a", "b"], desired.Secret.Labels.Keys);
        Assert.Equal(["c"], desired.Secret.Annotations.Keys);
        // Sorted and distinct, or slots would differ on every pass.
        Assert.Equal([MailProtocol.IMAP, MailProtocol.SMTP], desired.Access.Restrictions.Protocols.AsEnumerable());
        Assert.True(desired.Access.Restrictions.IsSuspended);
    }

    private static (MailDevice Device, MailBackend Backend) Good() => (
        new MailDevice
        {
            Metadata = new()
            {
                Name = "grafana",
                NamespaceProperty = "shop",
                Uid = "uid-a",
                CreationTimestamp = Created.UtcDateTime,
            },
            Spec = new MailDeviceSpec { Mailbox = "alerts@example.com" },
        },
        new MailBackend
        {
            Metadata = new() { Name = "dovecot" },
            Spec = new MailBackendSpec
            {
                Client = new ClientSpec
                {
                    Imap = new EndpointSpec { Host = "mail.example.com", Port = 993 },
                    Smtp = new EndpointSpec
                    {
                        Host = "mail.example.com",
                        Port = 587,
                        Security = ConnectionSecurity.STARTTLS,
                    },
                },
            },
        });
}
