using System.Security.Cryptography.X509Certificates;
using System.Text;
using k8s;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Backends.Infomaniak;
using MailOperator.Backends.Ldap;
using MailOperator.Backends.Sql;
using MailOperator.Backends.Webhook;
using MailOperator.DeviceInvitations.Delivery;
using MailOperator.Kubernetes;
using MailOperator.MailServers;
using MailOperator.Passwords;
using MailOperator.Tests;
using MimeKit;

namespace MailOperator.UnitTests.Backends;

/// <summary>
/// Each of the operator's connections, at a server with a certificate of a trusted authority. Mutants: a connection
/// without the policy of <see cref="ServerCertificates"/>; a policy without <c>serverAuth</c>, or with downloads.
/// </summary>
public sealed class ServerCertificateTests
{
    private static readonly Dictionary<string, string> Secret = new()
    {
        ["username"] = "cn=operator",
        ["password"] = "long-unlike-any-name-4711",
        ["token"] = "long-unlike-any-name-0815",
        ["api-key"] = "long-unlike-any-name-9988",
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Connections() => [.. Calls.Keys];

    /// <summary>MySqlConnector takes no policy: what keeps it from fetching is the setting of the process.</summary>
    public static TheoryData<string> WithPolicy() =>
        [.. Calls.Keys.Where(static name => !name.StartsWith("mysql", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Connections))]
    public async Task Certificate_ForServers_IsAccepted(string connection)
    {
        // What the other tests see is then not a server that nobody accepts.
        await using TlsTrap trap = Trap(connection, TlsTrap.ServerAuth);

        await Calls[connection](trap);
        await Kubernetes.Until.IsSoAsync(() => trap.Accepted > 0);
    }

    [Theory]
    [MemberData(nameof(Connections))]
    public async Task Certificate_ForClients_IsRefusedWithWords(string connection)
    {
        await using TlsTrap trap = Trap(connection, TlsTrap.ClientAuth);

        string words = await Calls[connection](trap);

        Assert.True(trap.Shown > 0, words);
        Assert.Equal(0, trap.Accepted);
        Assert.True(words.Contains("serverAuth", StringComparison.Ordinal) || connection == "api", words);
    }

    [Theory]
    [MemberData(nameof(Connections))]
    public async Task Certificate_OfAnotherHost_IsRefused(string connection) // mutant: the chain alone is verified
    {
        await using TlsTrap trap = Trap(connection, TlsTrap.ServerAuth, name: "other.example.com");

        string words = await Calls[connection](trap);

        Assert.True(trap.Shown > 0, words);
        Assert.Equal(0, trap.Accepted);
    }

    [Theory]
    [MemberData(nameof(Connections))]
    public async Task Certificate_OfAnotherAuthority_IsRefused(string connection) // mutant: any root, or its name alone
    {
        using X509Certificate2 other = TlsTrap.OtherRoot();
        await using TlsTrap trap = Trap(connection, TlsTrap.ServerAuth, trusted: other);

        string words = await Calls[connection](trap);

        Assert.True(trap.Shown > 0, words);
        Assert.Equal(0, trap.Accepted);
    }

    [Theory]
    [MemberData(nameof(WithPolicy))]
    public async Task Certificate_NamesAnAddressForItsIssuer_NothingIsFetched(string connection)
    {
        await using TlsTrap trap = Trap(connection, TlsTrap.ServerAuth, isIssuerHidden: true);

        string words = await Calls[connection](trap);

        Assert.True(trap.Shown > 0, words);
        Assert.Equal((0, 0), (trap.Fetches, trap.Accepted));
    }

    [Fact]
    public void Downloads_OfCertificates_FindNoProxyThatWorks()
    {
        // Mutant: the default proxy leads where the environment says, or past any proxy to the address itself.
        System.Net.IWebProxy before = HttpClient.DefaultProxy;
        CertificateDownloads proxy = CertificateDownloads.Around(before);

        Assert.False(proxy.IsBypassed(new Uri("http://issuer.example.com/ca.crt")));
        Assert.NotEqual("http", proxy.GetProxy(new Uri("http://issuer.example.com/ca.crt"))!.Scheme);
        Assert.Equal(
            before.IsBypassed(new Uri("https://api.example.com")),
            proxy.IsBypassed(new Uri("https://api.example.com")));
    }

    private static TlsTrap Trap(
        string connection,
        string use,
        bool isIssuerHidden = false,
        string name = "localhost",
        X509Certificate2? trusted = null) => new(use, isIssuerHidden, GreetingOf(connection), name)
        {
            TrustedInstead = trusted,
        };

    private static TlsTrap.Greeting GreetingOf(string connection) => connection switch
    {
        "mysql" => TlsTrap.Greeting.MySql,
        "postgresql" => TlsTrap.Greeting.PostgreSql,
        "imap" => TlsTrap.Greeting.Imap,
        "pop3" => TlsTrap.Greeting.Pop3,
        "smtp" or "relay" => TlsTrap.Greeting.Smtp,
        _ => TlsTrap.Greeting.None,
    };

    /// <summary>Calls the server and returns what is said of the failure: it answers no sense.</summary>
    private static readonly Dictionary<string, Func<TlsTrap, Task<string>>> Calls = new()
    {
        ["webhook"] = static trap => ListAsync(new WebhookDriver(Given, TimeProvider.System), new MailBackendSpec
        {
            Webhook = new WebhookSpec
            {
                Url = $"https://localhost:{trap.Port}",
                AuthSecret = Any,
                CaBundle = trap.Root,
            },
        }),
        ["infomaniak"] = static trap => SaidAsync(async () =>
        {
            using var api = new InfomaniakApi(
                new InfomaniakSpec
                {
                    ServiceId = 1,
                    TokenSecret = Any,
                    Url = $"https://localhost:{trap.Port}",
                    CaBundle = trap.Root,
                },
                Given, TimeProvider.System);
            await api.ProbeAsync(Token);
        }),
        ["ldap"] = static trap => ListAsync(new LdapDriver(Given), new MailBackendSpec
        {
            Ldap = new LdapSpec
            {
                Url = $"ldaps://localhost:{trap.Port}",
                BaseDN = "dc=x",
                BindSecret = Any,
                CaBundle = trap.Root,
            },
        }),
        ["postgresql"] = static trap => ListAsync(new SqlDriver(Given), Sql(SqlEngineKind.PostgreSQL, trap)),
        ["mysql"] = static trap => ListAsync(new SqlDriver(Given), Sql(SqlEngineKind.MySQL, trap)),
        ["doveadm"] = static trap => SaidAsync(() => new DoveadmServers(Given, TimeProvider.System).TellAsync(
            new MailBackendSpec
            {
                Dovecot = new DovecotSpec
                {
                    Doveadm =
                    [
                        new DoveadmSpec
                        {
                            Url = $"https://localhost:{trap.Port}/doveadm/v1",
                            CredentialsSecret = Any,
                            CaBundle = trap.Root,
                        },
                    ],
                },
            },
            ["a@example.com"], endsSessions: true, Token)),
        ["imap"] = static trap => LogInAsync(MailProtocol.IMAP, trap),
        ["pop3"] = static trap => LogInAsync(MailProtocol.POP3, trap),
        ["smtp"] = static trap => LogInAsync(MailProtocol.SMTP, trap),
        ["relay"] = static async trap => (await new InvitationMailer(Given, TimeProvider.System).SendAsync(
            new SmtpRelay("localhost", trap.Port, ConnectionSecurity.TLS, "no-reply@example.com", null, null)
            {
                Authorities = CaBundle.Read(trap.Root),
            },
            new MimeMessage(), Token)).Problem ?? "",
        ["api"] = static trap => SaidAsync(async () =>
        {
            using k8s.Kubernetes client = ApiConnection.Create(new KubernetesClientConfiguration
            {
                Host = $"https://localhost:{trap.Port}",
                SslCaCerts = CaBundle.Read(trap.Root),
            });
            await new KubernetesApi(client, TimeProvider.System)
                .FindAsync(ResourceType.Secrets, new ObjectKey("a", "b"), Token);
        }),
    };

    private static GivenSecret Given => new(Secret);

    private static ObjectReference Any => new() { Name = "any" };

    private static MailBackendSpec Sql(SqlEngineKind engine, TlsTrap trap) => new()
    {
        Sql = new SqlSpec
        {
            Engine = engine,
            Host = "localhost",
            Port = trap.Port,
            Database = "mail",
            CredentialsSecret = Any,
            CaBundle = trap.Root,
        },
    };

    private static async Task<string> ListAsync(IMailBackendDriver driver, MailBackendSpec spec)
    {
        IMailBackend backend = driver.Create(spec);
        try
        {
            return await SaidAsync(() => backend.ListAllAsync("one", Token));
        }
        finally
        {
            await ((backend as IAsyncDisposable)?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
    }

    private static async Task<string> LogInAsync(MailProtocol protocol, TlsTrap trap)
    {
        using var password = new AppPassword(Encoding.ASCII.GetBytes(Secret["password"]));
        return (await new MailKitLogins(TimeProvider.System).TryAsync(
            new ClientEndpoint(protocol, "localhost", trap.Port, ConnectionSecurity.TLS)
            {
                CaBundle = Convert.ToBase64String(trap.Root),
            },
            "a@example.com", password, TimeSpan.FromSeconds(5), Token)).Message;
    }

    private static async Task<string> SaidAsync(Func<Task> call)
    {
        Exception? failure = await Record.ExceptionAsync(call);
        return failure?.ToString() ?? "";
    }
}
