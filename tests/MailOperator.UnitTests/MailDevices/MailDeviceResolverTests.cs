using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailBackends;
using MailOperator.MailDevices.Spec;
using MailOperator.Reporting;
using static MailOperator.UnitTests.MailDevices.Resolving;

namespace MailOperator.UnitTests.MailDevices;

public sealed class MailDeviceResolverTests
{
    private const BackendCapabilities All = BackendCapabilities.Protocols | BackendCapabilities.Networks;

    private static readonly DateTimeOffset Created = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Resolve_BareSpec_FillsInEveryDefault()
    {
        DesiredCredential desired = Resolve(Device());

        Assert.Equal(("alerts@example.com", "Alerts@example.com"), (desired.Access.Mailbox, desired.Access.Username));
        Assert.Equal(
            (new DesiredPassword.Generated(32, PasswordAlphabet.Alphanumeric), 10),
            (desired.Password, desired.WorkFactor));
        Assert.Equal(TimeSpan.FromHours(24), desired.Lifetime.Overlap);
        Assert.Equal(("grafana", "servicebinding.io/smtp"), (desired.Secret.Name, desired.Secret.Type));
        Assert.Equal(
            [MailProtocol.IMAP, MailProtocol.POP3, MailProtocol.SMTP],
            desired.Access.Restrictions.Protocols.AsEnumerable());
        Assert.Equal("shop/grafana", desired.Access.Restrictions.DeviceName);
    }

    [Fact]
    public void Resolve_Overlap_ComesFromTheDeviceThenTheBackend()
    {
        MailBackend backend = Backend();
        backend.Spec.Rotation = new BackendRotationSpec { Overlap = "2h" };
        MailDevice device = Device();
        Assert.Equal(TimeSpan.FromHours(2), Resolve(device, backend).Lifetime.Overlap);

        device.Spec.Rotation = new DeviceRotationSpec { Overlap = "0s" };

        Assert.Equal(TimeSpan.Zero, Resolve(device, backend).Lifetime.Overlap);
    }

    [Fact]
    public void Resolve_Interval_ComesFromTheDeviceThenTheBackend()
    {
        MailBackend backend = Backend();
        backend.Spec.Rotation = new BackendRotationSpec { Interval = "90d" };
        MailDevice device = Device();
        Assert.Equal(TimeSpan.FromDays(90), Resolve(device, backend).Lifetime.Interval);
        Assert.Null(Resolve(device).Lifetime.Interval);

        device.Spec.Rotation = new DeviceRotationSpec { Interval = "30d" };

        Assert.Equal(TimeSpan.FromDays(30), Resolve(device, backend).Lifetime.Interval);
    }

    [Fact]
    public void Resolve_OverlapLongerThanTheInterval_IsRefused()
    {
        AssertProblem(
            Reasons.InvalidSpec, "overlap of 1d is longer than the rotation interval of 12h",
            device => device.Spec.Rotation = new DeviceRotationSpec { Interval = "12h" });
        AssertProblem(
            Reasons.InvalidSpec, "shorter than 10s",
            device => device.Spec.Rotation = new DeviceRotationSpec { Interval = "1s", Overlap = "0s" });
        AssertProblem(
            Reasons.InvalidSpec, "longer than 90d",
            device => device.Spec.Rotation = new DeviceRotationSpec { Overlap = "91d" });
        AssertProblem(
            Reasons.InvalidSpec, "spec.rotation.interval",
            device => device.Spec.Rotation = new DeviceRotationSpec { Interval = "often" });
    }

    [Fact]
    public void Resolve_Expiry_ComesFromTheDeviceThenTheBackendThenItsMaximum()
    {
        MailBackend backend = Backend();
        MailDevice device = Device();
        Assert.Null(Resolve(device, backend).Lifetime.ExpiresAt);
        backend.Spec.Expiry = new BackendExpirySpec { Maximum = "30d" };
        Assert.Equal(Created.AddDays(30), Resolve(device, backend).Lifetime.ExpiresAt);
        backend.Spec.Expiry.After = "10d";
        Assert.Equal(Created.AddDays(10), Resolve(device, backend).Lifetime.ExpiresAt);
        device.Spec.Expiry = new DeviceExpirySpec { After = "7d" };
        Assert.Equal(Created.AddDays(7), Resolve(device, backend).Lifetime.ExpiresAt);
        device.Spec.Expiry = new DeviceExpirySpec { At = Created.AddDays(2) };
        Assert.Equal(Created.AddDays(2), Resolve(device, backend).Lifetime.ExpiresAt);
    }

    [Fact]
    public void Resolve_ExpiryBeyondTheMaximum_IsRefusedAndNotShortened()
    {
        MailBackend backend = Backend();
        backend.Spec.Expiry = new BackendExpirySpec { Maximum = "30d" };
        MailDevice device = Device();
        device.Spec.Expiry = new DeviceExpirySpec { After = "31d" };

        Assert.False(TryResolve(device, backend, All, out _, out SpecProblem? problem));

        Assert.Equal(Reasons.InvalidSpec, problem.Reason);
        Assert.Contains("at most 30d", problem.Message);
        AssertProblem(
            Reasons.InvalidSpec, "exactly one of at and after", one => one.Spec.Expiry = new DeviceExpirySpec());
        AssertProblem(
            Reasons.InvalidSpec, "spec.expiry.after",
            one => one.Spec.Expiry = new DeviceExpirySpec { After = "later" });
    }

    [Fact]
    public void Resolve_Endpoints_AreTheServedAndAllowedOnesSmtpFirst()
    {
        MailDevice device = Device();
        Assert.Equal(["smtp", "imap"], Resolve(device).Secret.Endpoints.Select(endpoint => endpoint.KeyName));

        device.Spec.Protocols = [MailProtocol.IMAP];

        Assert.Equal(["imap"], Resolve(device).Secret.Endpoints.Select(endpoint => endpoint.KeyName));
        Assert.Equal("servicebinding.io/imap", Resolve(device).Secret.Type);
    }

    [Fact]
    public void Resolve_Networks_AreInCanonicalFormSortedAndOnce()
    {
        MailDevice device = Device();
        device.Spec.AllowedNetworks = ["192.168.0.0/16", "10.1.2.3/8", "10.0.0.0/8", "2001:DB8::1/32"];

        Assert.Equal(
            ["10.0.0.0/8", "192.168.0.0/16", "2001:db8::/32"],
            Resolve(device).Access.Restrictions.AllowedNetworks.AsEnumerable());
    }

    [Fact]
    public void Resolve_BadSpec_NamesTheField()
    {
        AssertProblem(Reasons.InvalidSpec, "spec.mailbox", device => device.Spec.Mailbox = "nobody");
        AssertProblem(Reasons.InvalidSpec, "spec.protocols", device => device.Spec.Protocols = []);
        AssertProblem(
            Reasons.InvalidSpec, "spec.password.length",
            device => device.Spec.Password = new PasswordSpec { Length = 73 });
        AssertProblem(
            Reasons.InvalidSpec, "spec.rotation.overlap",
            device => device.Spec.Rotation = new DeviceRotationSpec { Overlap = "soon" });
        AssertProblem(
            Reasons.InvalidSpec, "app.kubernetes.io/managed-by",
            device => device.Spec.Secret = new SecretSpec { Labels = new() { [Annotations.ManagedByLabel] = "me" } });
        AssertProblem(
            Reasons.InvalidSpec, "mailoperator.io/epoch",
            device => device.Spec.Secret = new SecretSpec { Annotations = new() { [Annotations.Epoch] = "9" } });
        AssertProblem(Reasons.InvalidSpec, "$.spec", device => device.DecodeError = "$.spec: no");
    }

    [Fact]
    public void Resolve_BackendCannotEnforceIt_IsUnsupportedAndNamesTheField()
    {
        AssertProblem(
            Reasons.Unsupported, "spec.allowedNetworks", device => device.Spec.AllowedNetworks = ["10.0.0.0/8"],
            BackendCapabilities.Protocols);
        AssertProblem(
            Reasons.Unsupported, "spec.protocols", device => device.Spec.Protocols = [MailProtocol.IMAP],
            BackendCapabilities.Networks);
        AssertProblem(Reasons.Unsupported, "POP3", device => device.Spec.Protocols = [MailProtocol.POP3]);
    }

    [Fact]
    public void Resolve_InvalidBackend_BlamesTheBackend()
    {
        MailBackend backend = Backend();
        backend.Spec.Rotation = new BackendRotationSpec { Overlap = "soon" };

        Assert.False(TryResolve(Device(), backend, All, out _, out SpecProblem? problem));

        Assert.Equal(Reasons.BackendUnavailable, problem.Reason);
        Assert.Contains("spec.rotation.overlap", problem.Message);
    }

    [Fact]
    public void Resolve_ChosenPassword_ComesFromItsSourceAndHasNoInterval()
    {
        MailBackend backend = Backend();
        backend.Spec.Rotation = new BackendRotationSpec { Interval = "90d" };
        MailDevice device = Device();
        device.Spec.Password = ValueFrom("mine", "mail");

        Assert.True(TryResolve(
            device, backend, All | BackendCapabilities.ChosenPassword, out DesiredCredential? desired, out _));

        Assert.Equal(("mine", "mail", null), (desired.Source?.Name, desired.Source?.Key, desired.Lifetime.Interval));
    }

    [Fact]
    public void Resolve_InvalidChosenPassword_SaysWhy()
    {
        const BackendCapabilities chosen = All | BackendCapabilities.ChosenPassword;
        AssertProblem(
            Reasons.Unsupported, "takes no chosen passwords",
            device => device.Spec.Password = ValueFrom("mine", "mail"));
        AssertProblem(
            Reasons.InvalidSpec, "length and alphabet",
            device => device.Spec.Password = ValueFrom("mine", "mail", length: 32), chosen);
        AssertProblem(
            Reasons.InvalidSpec, "length and alphabet",
            device => device.Spec.Password = ValueFrom("mine", "mail", alphabet: PasswordAlphabet.Lowercase), chosen);
        AssertProblem(
            Reasons.InvalidSpec, "name of a Secret",
            device => device.Spec.Password = ValueFrom("../other/secrets/mine", "mail"), chosen);
        AssertProblem(
            Reasons.InvalidSpec, "name of a Secret", device => device.Spec.Password = ValueFrom("mine", ""), chosen);
        AssertProblem(
            Reasons.InvalidSpec, "which the operator writes itself",
            device => device.Spec.Password = ValueFrom("grafana", "password"), chosen);
        AssertProblem(
            Reasons.InvalidSpec, "spec.rotation.interval",
            device => (device.Spec.Password, device.Spec.Rotation) =
                (ValueFrom("mine", "mail"), new DeviceRotationSpec { Interval = "90d" }), chosen);
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData(nameof(ChosenPasswordPolicy.Denied), false)]
    [InlineData(nameof(ChosenPasswordPolicy.Allowed), true)]
    public void GrantsFor_ChosenPassword_AreThoseThatAllowIt(string? policy, bool counts)
    {
        MailBackend backend = Backend();
        backend.Spec.Grants = [new GrantSpec
        {
            Mailboxes = ["*@example.com"],
            ChosenPasswords = policy is null ? null : Enum.Parse<ChosenPasswordPolicy>(policy),
        }];

        Assert.Single(Grants.For(isChosen: false, backend)!);
        Assert.Equal(counts ? 1 : 0, Grants.For(isChosen: true, backend)!.Count);
    }

    private static PasswordSpec ValueFrom(
        string name, string key, int? length = null, PasswordAlphabet? alphabet = null) =>
        new()
        {
            Length = length,
            Alphabet = alphabet,
            ValueFrom = new PasswordSource { SecretKeyRef = new LocalSecretKeyReference { Name = name, Key = key } },
        };

    private static void AssertProblem(
        string reason, string part, Action<MailDevice> change, BackendCapabilities capabilities = All)
    {
        MailDevice device = Device();
        change(device);

        Assert.False(TryResolve(device, Backend(), capabilities, out _, out SpecProblem? problem));

        Assert.Equal(reason, problem.Reason);
        Assert.Contains(part, problem.Message);
    }

    private static DesiredCredential Resolve(MailDevice device, MailBackend? backend = null)
    {
        Assert.True(
            TryResolve(device, backend ?? Backend(), All, out DesiredCredential? desired, out SpecProblem? problem),
            problem?.Message);
        return desired;
    }

    private static MailDevice Device() => new()
    {
        Metadata = new()
        {
            Name = "grafana",
            NamespaceProperty = "shop",
            Uid = "uid-a",
            CreationTimestamp = Created.UtcDateTime,
        },
        Spec = new MailDeviceSpec { Mailbox = "Alerts@EXAMPLE.com" },
    };

    private static MailBackend Backend() => new()
    {
        Metadata = new() { Name = "dovecot" },
        Spec = new MailBackendSpec
        {
            PasswdFile = new PasswdFileSpec { Path = "/etc/dovecot/app-passwords" },
            Client = new ClientSpec
            {
                Imap = new EndpointSpec { Host = "mail.example.com", Port = 993 },
                Smtp = new EndpointSpec { Host = "mail.example.com", Port = 465 },
            },
        },
    };
}
