using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Backends.PasswdFile;
using MailOperator.MailBackends;
using MailOperator.Tests;

namespace MailOperator.UnitTests.MailBackends;

/// <summary>What is wrong with a MailBackend, and whom it concerns: each field by itself.</summary>
public sealed class BackendRulesTests
{
    private static readonly RotationWindowSpec NoZone =
        new() { Cron = "0 2 * * *", Duration = "4h", TimeZone = "CEST" };

    private static readonly Dictionary<string, Action<MailBackend>> Broken = new()
    {
        ["spec.client names no endpoint"] = static backend => backend.Spec.Client = new ClientSpec(),
        ["spec.rotation.overlap 'x' is not"] = static backend => Rotation(backend).Overlap = "x",
        ["spec.rotation.overlap '91d' is longer than 90d"] = static backend => Rotation(backend).Overlap = "91d",
        ["spec.rotation.interval 'x' is not"] = static backend => Rotation(backend).Interval = "x",
        ["spec.rotation.interval '9s' is shorter than 10s"] = static backend =>
            (Rotation(backend).Interval, Rotation(backend).Overlap) = ("9s", "0s"),
        // The overlap of those who set none is a day.
        ["spec.rotation.interval '1h' is shorter than the overlap of 1d"] = static backend =>
            Rotation(backend).Interval = "1h",
        ["spec.rotation.interval '2d' is shorter than the overlap of 3d"] = static backend =>
            (Rotation(backend).Interval, Rotation(backend).Overlap) = ("2d", "3d"),
        ["spec.rotation.window.timeZone 'CEST'"] = static backend => Rotation(backend).Window = NoZone,
        ["spec.expiry.after 'x' is not"] = static backend => Expiry(backend).After = "x",
        ["spec.expiry.after '8d' is later than spec.expiry.maximum '7d'"] = static backend =>
            (Expiry(backend).After, Expiry(backend).Maximum) = ("8d", "7d"),
        ["spec.expiry.maximum 'x' is not"] = static backend => Expiry(backend).Maximum = "x",
        ["spec.hashing.workFactor must be 4 to 15"] = static backend =>
            backend.Spec.Hashing = new HashingSpec { WorkFactor = 16 },
        ["spec.maxRotationsPerMinute must be 1 to 6000"] = static backend => backend.Spec.MaxRotationsPerMinute = 0,
        ["spec.dovecot.doveadm: url 'mail'"] = static backend => backend.Spec.Dovecot = new DovecotSpec
        {
            Doveadm = [new DoveadmSpec { Url = "mail", CredentialsSecret = new ObjectReference { Name = "doveadm" } }],
        },
        ["spec.orphans.grace 'x' is not"] = static backend => backend.Spec.Orphans = new OrphanSpec { Grace = "x" },
        ["schema: spec.verification cannot hold this number"] = static backend =>
            Lose(backend, "spec.verification"),
        ["schema: spec.rotation.window cannot hold this number"] = static backend =>
            Lose(backend, "spec.rotation.window"),
        ["schema: spec.expiry cannot hold this number"] = static backend => Lose(backend, "spec.expiry"),
        ["schema: spec.grants cannot hold this number"] = static backend => Lose(backend, "spec.grants"),
        ["schema: spec.dovecot.doveadm cannot hold this number"] = static backend =>
            Lose(backend, "spec.dovecot.doveadm"),
    };

    public static TheoryData<string> Words => [.. Broken.Keys];

    [Theory]
    [MemberData(nameof(Words))]
    public async Task Validate_OneFieldIsWrong_SaysSoAndEndsArePossible(string words)
    {
        // Mutant: a rule is missing. The MailBackend would be Ready although its devices cannot use it.
        // Mutant of CanEnd: ask Validate. Nothing could be ended until the field is corrected.
        await using BackendRegistry registry = Registry();
        MailBackend backend = Good();
        Broken[words](backend);

        Assert.Contains(words, string.Join("; ", BackendValidator.Validate(backend, registry)));
        Assert.True(BackendValidator.CanEnd(backend, registry));
    }

    [Fact]
    public async Task Validate_SeveralFieldsAreWrong_NamesAll()
    {
        await using BackendRegistry registry = Registry();
        MailBackend backend = Good();
        (Rotation(backend).Window, Expiry(backend).Maximum, backend.Spec.Client) = (NoZone, "x", new ClientSpec());

        Assert.Equal(3, BackendValidator.Validate(backend, registry).Count);
    }

    [Theory]
    [InlineData("spec", "spec cannot be read")]
    [InlineData("spec.passwdFile", "spec.passwdFile cannot be read")]
    [InlineData("spec.passwdFile.loginLog.path", "spec.passwdFile cannot be read")]
    public async Task CanEnd_DriverWasNotReadAsAWhole_IsFalse(string lost, string problem)
    {
        // Mutant: look at what was read only. Half of the settings may lead to another store.
        await using BackendRegistry registry = Registry();
        MailBackend backend = Good();
        Lose(backend, lost);

        Assert.False(BackendValidator.CanEnd(backend, registry));
        Assert.Equal([problem], BackendValidator.EndProblems(backend, registry));
    }

    [Theory]
    // What a device sets itself replaces the default, so the default does not concern it.
    [InlineData("spec.rotation.overlap 'x' is not", "", true)]
    [InlineData("spec.rotation.overlap 'x' is not", "overlap", false)]
    [InlineData("spec.rotation.interval 'x' is not", "", true)]
    [InlineData("spec.rotation.interval 'x' is not", "interval", false)]
    [InlineData("spec.rotation.interval 'x' is not", "chosen", false)]
    [InlineData("spec.rotation.interval 'x' is not", "claimed", false)]
    [InlineData("spec.rotation.interval '1h' is shorter than the overlap of 1d", "", true)]
    [InlineData("spec.rotation.interval '1h' is shorter than the overlap of 1d", "overlap", false)]
    [InlineData("spec.rotation.interval '1h' is shorter than the overlap of 1d", "interval", false)]
    [InlineData("spec.rotation.interval '1h' is shorter than the overlap of 1d", "chosen", false)]
    [InlineData("spec.rotation.window.timeZone 'CEST'", "", false)] // it is never rotated by interval
    [InlineData("spec.rotation.window.timeZone 'CEST'", "interval", true)]
    [InlineData("spec.rotation.window.timeZone 'CEST'", "interval,window", false)]
    [InlineData("spec.rotation.window.timeZone 'CEST'", "interval,chosen", false)]
    [InlineData("schema: spec.rotation.window cannot hold this number", "interval", true)]
    [InlineData("schema: spec.rotation.window cannot hold this number", "", false)]
    [InlineData("spec.expiry.after 'x' is not", "", true)]
    [InlineData("spec.expiry.after 'x' is not", "expiry", false)]
    [InlineData("spec.expiry.after '8d' is later than spec.expiry.maximum '7d'", "", true)]
    [InlineData("spec.expiry.after '8d' is later than spec.expiry.maximum '7d'", "expiry", false)]
    [InlineData("spec.expiry.maximum 'x' is not", "expiry", true)]
    [InlineData("schema: spec.expiry cannot hold this number", "expiry", true)]
    [InlineData("spec.client names no endpoint", "overlap,interval,window,expiry", true)]
    [InlineData("schema: spec.grants cannot hold this number", "expiry", true)]
    [InlineData("spec.hashing.workFactor must be 4 to 15", "", false)]
    [InlineData("spec.maxRotationsPerMinute must be 1 to 6000", "", false)]
    [InlineData("spec.dovecot.doveadm: url 'mail'", "", false)]
    [InlineData("spec.orphans.grace 'x' is not", "", false)]
    [InlineData("schema: spec.verification cannot hold this number", "", false)]
    public void Problem_OneFieldIsWrong_ConcernsThoseThatDependOnIt(string words, string own, bool concerns)
    {
        // Mutant: any problem concerns everyone. A wrong time zone would then take the Ready of every device.
        MailBackend backend = Good();
        Broken[words](backend);
        MailDevice device = Device(own.Split(','));

        string? message = BackendRules.Problem(backend, backend.Spec.Client!, device)?.Message;

        Assert.Equal(concerns, message is not null);
        Assert.StartsWith(
            concerns ? "MailBackend 'dovecot' cannot be used: spec." : "", message ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("spec.hashing.workFactor must be 4 to 15", true)]
    [InlineData("spec.maxRotationsPerMinute must be 1 to 6000", true)]
    [InlineData("spec.dovecot.doveadm: url 'mail'", true)]
    [InlineData("schema: spec.dovecot.doveadm cannot hold this number", true)]
    [InlineData("schema: spec.verification cannot hold this number", true)]
    [InlineData("spec.orphans.grace 'x' is not", false)]
    [InlineData("spec.client names no endpoint", false)] // Problem has told it already
    public void IssueProblem_OneFieldIsWrong_KeepsPasswordsFromBeingMade(string words, bool isProblem)
    {
        // Mutant: no rule for new passwords. One would be made that nobody can end or try as the MailBackend asks.
        MailBackend backend = Good();
        Broken[words](backend);

        Assert.Equal(isProblem, BackendRules.IssueProblem(backend) is not null);
    }

    [Theory]
    [InlineData("spec.dovecot.doveadm: url 'mail'", true)]
    [InlineData("schema: spec.dovecot.doveadm cannot hold this number", true)]
    [InlineData("spec.hashing.workFactor must be 4 to 15", false)]
    public void TellProblem_OneFieldIsWrong_IsOfMailServersOnly(string words, bool isProblem)
    {
        MailBackend backend = Good();
        Broken[words](backend);

        Assert.Equal(isProblem, BackendRules.TellProblem(backend) is not null);
    }

    [Fact]
    public async Task Validate_NothingIsWrong_IsEmpty()
    {
        await using BackendRegistry registry = Registry();
        MailBackend backend = Good();
        (Rotation(backend).Interval, Rotation(backend).Overlap) = ("10s", "10s");
        (Expiry(backend).After, Expiry(backend).Maximum) = ("7d", "7d");

        Assert.Empty(BackendValidator.Validate(backend, registry));
        Assert.Null(BackendRules.Problem(backend, backend.Spec.Client!, Device([])));
        Assert.Null(BackendRules.IssueProblem(backend));
    }

    private static void Lose(MailBackend backend, string field) =>
        (backend.Unreadable, backend.DecodeError) = ([field], $"{field} cannot hold this number");

    private static BackendRotationSpec Rotation(MailBackend backend) =>
        backend.Spec.Rotation ??= new BackendRotationSpec();

    private static BackendExpirySpec Expiry(MailBackend backend) => backend.Spec.Expiry ??= new BackendExpirySpec();

    private static MailDevice Device(string[] own)
    {
        bool Has(string name) => own.Contains(name);
        return new MailDevice
        {
            Spec = new MailDeviceSpec
            {
                Rotation = new DeviceRotationSpec
                {
                    Overlap = Has("overlap") ? "1h" : null,
                    Interval = Has("interval") ? "30d" : null,
                    Window = Has("window") ? new RotationWindowSpec { Cron = "0 2 * * *", Duration = "4h" } : null,
                },
                Expiry = Has("expiry") ? new DeviceExpirySpec { After = "1d" } : null,
                Password = Has("chosen") ? new PasswordSpec { ValueFrom = new PasswordSource() }
                    : Has("claimed") ? new PasswordSpec { InvitationRef = new ObjectReference() }
                    : null,
            },
        };
    }

    private static MailBackend Good() => new()
    {
        Metadata = new() { Name = "dovecot" },
        Spec = new MailBackendSpec
        {
            PasswdFile = new PasswdFileSpec { Path = "/mail/app-passwords" },
            Client = new ClientSpec { Imap = new EndpointSpec { Host = "mail.example.com", Port = 993 } },
        },
    };

    private static BackendRegistry Registry() =>
        new(
            [new PasswdFileDriver(null!, null!, TimeProvider.System)],
            workers: 1,
            NoMetrics.OfBackends,
            TimeProvider.System);
}
