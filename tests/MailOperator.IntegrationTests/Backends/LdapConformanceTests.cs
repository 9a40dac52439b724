using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Backends.Ldap;
using MailOperator.IntegrationTests.Bed;

namespace MailOperator.IntegrationTests.Backends;

/// <summary>OpenLDAP with the schema of <c>operator/Backends/Ldap/Schema</c>, under the rights of <c>examples/openldap</c>.</summary>
public sealed class LdapConformanceTests : BackendConformance
{
    private readonly Secrets _secrets = new();
    private DirectoryServer? _server;

    private DirectoryServer Server => _server!;

    [Theory]
    [InlineData("ldap://localhost:{0}", "VerifyFull")]
    [InlineData("ldaps://localhost:{1}", "VerifyFull")]
    [InlineData("ldaps://127.0.0.1:{1}/", "Required")]
    [InlineData("ldap://127.0.0.1:{0}", "Disabled")]
    public async Task Server_ByEachKindOfConnection_TakesSlots(string url, string tls)
    {
        IMailBackend backend = Make(spec => (spec.Url, spec.Tls) = (string.Format(url, Server.Port, Server.LdapsPort), Enum.Parse<LdapTls>(tls)));

        await backend.ApplyAsync(new SlotChange(Owner, [Slot("aaaaaa")], []), Token);

        Assert.Equal([Slot("aaaaaa")], await Backend.ListAsync(Owner, Token));
    }

    [Theory]
    [InlineData("ldap://localhost:{0}", false)] // of another authority
    [InlineData("ldaps://localhost:{1}", false)]
    [InlineData("ldaps://127.0.0.2:{1}", true)] // of another name
    public async Task Server_ThatCannotBeVerified_IsNotTrusted(string url, bool hasBundle)
    {
        using var elsewhere = new Forwarder(Server.LdapsPort); // at 127.0.0.2, which the certificate does not name
        IMailBackend backend = Make(spec => (spec.Url, spec.CaBundle) =
            (string.Format(url, Server.Port, hasBundle ? elsewhere.Port : Server.LdapsPort), hasBundle ? spec.CaBundle : null));

        MailBackendException e = await Assert.ThrowsAsync<MailBackendException>(() => backend.ListAsync(Owner, Token));

        Assert.Equal(BackendFailure.Unauthorized, e.Failure);
        Assert.Contains("certificate", e.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Credentials_Wrong_AreUnauthorizedAndNewOnesInTheSecretLetItIn()
    {
        _secrets.Password = "wrong";
        IMailBackend outside = Make();

        MailBackendException e = await Assert.ThrowsAsync<MailBackendException>(() => outside.ListAsync(Owner, Token));
        Assert.Equal(BackendFailure.Unauthorized, e.Failure);
        Assert.DoesNotContain("wrong", e.ToString());

        _secrets.Password = Server.OperatorPassword;
        Assert.Empty(await outside.ListAsync(Owner, Token));
    }

    [Fact]
    public async Task Credentials_ChangedInTheDirectory_AreFollowedWithoutARestart()
    {
        DirectoryServer own = await OwnServerAsync();
        IMailBackend backend = Make();
        await backend.ListAsync(Owner, Token);
        await own.ChangeOperatorPasswordAsync("changed");
        await own.RestartAsync(); // which ends the connection that is open

        _secrets.Password = "changed";
        await backend.ApplyAsync(new SlotChange(Owner, [Slot("aaaaaa")], []), Token);

        Assert.Single(await backend.ListAllAsync(Owner.Instance, Token));
    }

    [Fact]
    public async Task Server_FrozenOrGone_FailsInTimeAndTakesTheChangeAgain()
    {
        DirectoryServer own = await OwnServerAsync();
        IMailBackend backend = Make();
        await backend.ListAsync(Owner, Token);
        await own.SignalAsync("STOP");
        var time = Stopwatch.StartNew();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Token);
        deadline.CancelAfter(TimeSpan.FromSeconds(2));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => backend.ApplyAsync(new SlotChange(Owner, [Slot("aaaaaa"), Slot("bbbbbb")], []), deadline.Token));
        MailBackendException timeout = await Assert.ThrowsAsync<MailBackendException>(() => Make().ListAsync(Owner, Token));
        Assert.Equal((BackendFailure.Unavailable, true), (timeout.Failure, time.Elapsed < TimeSpan.FromSeconds(15)));
        await own.SignalAsync("CONT");

        await own.StopAsync();
        MailBackendException gone = await Assert.ThrowsAsync<MailBackendException>(() => backend.ListAsync(Owner, Token));
        Assert.Equal(BackendFailure.Unavailable, gone.Failure);
        Assert.Contains($"localhost:{own.Port}", gone.Message);

        await own.RestartAsync();
        await backend.ApplyAsync(new SlotChange(Owner, [Slot("aaaaaa"), Slot("bbbbbb")], []), Token); // again: nothing of the first is in the way
        Assert.Equal(2, (await backend.ListAsync(Owner, Token)).Count);
    }

    [Fact]
    public async Task Change_CutOffAnywhere_KeepsTheOldPasswordAndIsMadeWholeByTheNext()
    {
        // Mutants: what ends a password comes before what puts the next; what a cut left is in the way of the next try.
        for (int requests = 1; ; requests++)
        {
            SlotOwner owner = Device(requests);
            Slot[] before = [Slot($"o{requests:D5}") with { Owner = owner }, Slot($"k{requests:D5}") with { Owner = owner }];
            Slot[] after = [Slot($"n{requests:D5}") with { Owner = owner }, before[1] with { Restrictions = before[1].Restrictions with { IsSuspended = true } }];
            var change = new SlotChange(owner, [.. after], [before[0].Selector]);
            await Backend.ApplyAsync(new SlotChange(owner, [.. before], []), Token);

            using var wire = new Forwarder(Server.Port, requests);
            IMailBackend cut = Make(spec => (spec.Url, spec.Tls) = ($"ldap://127.0.0.2:{wire.Port}", LdapTls.Disabled));
            Exception? e = await Record.ExceptionAsync(() => cut.ApplyAsync(change, Token));

            IReadOnlyList<Slot> left = await Backend.ListAsync(owner, Token);
            Assert.True(left.Contains(before[0]) || left.Contains(after[0]), $"After {requests} requests neither the old password is there nor the new one.");
            await Backend.ApplyAsync(change, Token);
            Assert.Equal(after.OrderBy(static slot => slot.Selector), (await Backend.ListAsync(owner, Token)).OrderBy(static slot => slot.Selector));
            if (e is null)
            {
                Assert.InRange(requests, 5, 10);
                return;
            }

            Assert.Equal(BackendFailure.Unavailable, Assert.IsType<MailBackendException>(e).Failure);
        }
    }

    [Fact]
    public async Task Remove_LastSlotOfAMailbox_LeavesNoEntryOfItAndASharedOneStays()
    {
        await Backend.ApplyAsync(new SlotChange(Owner, [Slot("mine00")], []), Token);
        await Backend.ApplyAsync(new SlotChange(Other, [Slot("other0") with { Owner = Other }], []), Token);

        await Backend.RemoveAsync(Owner, Token);
        Assert.Contains("other0", await Server.SearchAsync($"(mailOperatorMailbox={Slot("x").Mailbox})"));
        await Backend.ApplyAsync(new SlotChange(Other, [], ["other0"]), Token);

        Assert.Empty((await Server.SearchAsync($"(mailOperatorMailbox={Slot("x").Mailbox})")).Trim());
    }

    [Fact]
    public async Task Mailbox_WithWhatADnEscapes_IsPutListedAndRemoved()
    {
        Slot slot = Slot("aaaaaa") with { Mailbox = $"#we+ird,\"name\\=<{Owner.DeviceUid[..6]}>;@example.com" };

        await Backend.ApplyAsync(new SlotChange(Owner, [slot], []), Token);

        Assert.Equal([slot], await Backend.ListAsync(Owner, Token));
        await Backend.RemoveAsync(Owner, Token);
        Assert.Empty(await Backend.ListAsync(Owner, Token));
    }

    [Fact]
    public async Task List_EntryThatSomebodyChanged_IsNotIntactAndAPutMakesItSo()
    {
        // Mutant: only what the slot says is compared, and not what the mail server searches by.
        Slot suspended = Slot("aaaaaa") with { Restrictions = Slot("x").Restrictions with { IsSuspended = true } };
        await Backend.ApplyAsync(new SlotChange(Owner, [suspended], []), Token);
        await Server.ModifyAsync($"dn: mailOperatorSelector=aaaaaa,mailOperatorMailbox={suspended.Mailbox},{DirectoryServer.BaseDn}\nchangetype: modify\nadd: mailOperatorService\nmailOperatorService: imap\n");

        Assert.Equal([suspended with { IsIntact = false }], await Backend.ListAsync(Owner, Token));
        await Backend.ApplyAsync(new SlotChange(Owner, [suspended], []), Token);
        Assert.Equal([suspended], await Backend.ListAsync(Owner, Token));
    }

    [Fact]
    public async Task ListAll_MoreThanSlapdGivesByItself_IsWholeOrAnError()
    {
        // Mutant: what a limit cut off is taken for all there is, and the rest for revoked.
        DirectoryServer own = await OwnServerAsync();
        IMailBackend backend = Make();
        await backend.ApplyAsync(new SlotChange(Owner, [.. Enumerable.Range(0, 600).Select(number => Slot($"n{number:D5}"))], []), Token);
        Assert.Equal(600, (await backend.ListAllAsync(Owner.Instance, Token)).Count);

        await own.ModifyAsync("dn: olcDatabase={1}mdb,cn=config\nchangetype: modify\ndelete: olcLimits\n");
        MailBackendException e = await Assert.ThrowsAsync<MailBackendException>(() => Make().ListAllAsync(Owner.Instance, Token));

        Assert.Equal((BackendFailure.Rejected, true), (e.Failure, e.Message.Contains("olcLimits", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("olcAccess", "may not read it")]
    [InlineData("policy", "spec.ldap.passwordPolicy")]
    [InlineData("base", "spec.ldap.baseDN")]
    public async Task Directory_WithoutWhatItTakes_SaysWhatToDo(string without, string advice)
    {
        DirectoryServer own = await OwnServerAsync();
        if (without == "olcAccess")
        {
            await own.ModifyAsync("dn: olcDatabase={1}mdb,cn=config\nchangetype: modify\nreplace: olcAccess\nolcAccess: {0}to dn.subtree=\"ou=app-passwords,dc=example,dc=com\" by anonymous auth\nolcAccess: {1}to * by anonymous auth by * read\n");
        }

        IMailBackend backend = Make(spec =>
        {
            spec.PasswordPolicy = without == "policy" ? "cn=nowhere,dc=example,dc=com" : spec.PasswordPolicy;
            spec.BaseDN = without == "base" ? "ou=nowhere,dc=example,dc=com" : spec.BaseDN;
        });

        MailBackendException e = await Assert.ThrowsAsync<MailBackendException>(() => backend.ListAllAsync(Owner.Instance, Token));

        Assert.Equal(BackendFailure.Rejected, e.Failure);
        Assert.Contains(advice, e.Message);
    }

    [Fact]
    public async Task ListAll_EntriesThatAreNotShown_IsNoEmptyList()
    {
        // Mutant: what the operator may not read counts as revoked.
        DirectoryServer own = await OwnServerAsync();
        IMailBackend backend = Make();
        Assert.Empty(await backend.ListAllAsync(Owner.Instance, Token)); // nothing is there, and nothing is wrong
        await backend.ApplyAsync(new SlotChange(Owner, [Slot("aaaaaa")], []), Token);
        Assert.Empty(await backend.ListAllAsync("another", Token));
        await own.ModifyAsync("dn: olcDatabase={1}mdb,cn=config\nchangetype: modify\nadd: olcAccess\nolcAccess: {0}to dn.children=\"ou=app-passwords,dc=example,dc=com\" by * none\n");

        MailBackendException e = await Assert.ThrowsAsync<MailBackendException>(() => Make().ListAllAsync(Owner.Instance, Token));

        Assert.Equal((BackendFailure.Rejected, true), (e.Failure, e.Message.Contains("right to read them all", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Right_Missing_SaysSo()
    {
        _secrets.Username = "cn=dovecot,dc=example,dc=com";
        _secrets.Password = Server.DovecotPassword;

        MailBackendException e = await Assert.ThrowsAsync<MailBackendException>(() => Make().ApplyAsync(new SlotChange(Owner, [Slot("aaaaaa")], []), Token));

        Assert.Equal((BackendFailure.Unauthorized, true), (e.Failure, e.Message.Contains("right to write", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Rights_OfTheOperator_EndAtItsBase()
    {
        // Mutant: an access rule of examples/openldap gives more than it says.
        IMailBackend above = Make(spec => spec.BaseDN = "dc=example,dc=com");

        MailBackendException e = await Assert.ThrowsAsync<MailBackendException>(() => above.ApplyAsync(new SlotChange(Owner, [Slot("aaaaaa")], []), Token));

        Assert.Equal(BackendFailure.Unauthorized, e.Failure);
        Assert.DoesNotContain("userPassword", await Shell.RunAsync(
            "ldapsearch", "-LLL", "-x", "-H", $"ldap://127.0.0.1:{Server.Port}", "-D", "cn=dovecot,dc=example,dc=com", "-w", Server.DovecotPassword, "-b", DirectoryServer.BaseDn));
    }

    internal override IMailBackend Create() => Create(static _ => { });

    protected override async Task StartAsync()
    {
        _server = await DirectoryServer.GetAsync();
        _secrets.Password = _server.OperatorPassword;
    }

    private LdapBackend Create(Action<LdapSpec> change)
    {
        LdapSpec spec = Server.Spec;
        change(spec);
        return (LdapBackend)new LdapDriver(_secrets).Create(new MailBackendSpec { Ldap = spec });
    }

    private IMailBackend Make(Action<LdapSpec> change) => Keep(Create(change));

    /// <summary>A server that this test alone has, from here on.</summary>
    private async Task<DirectoryServer> OwnServerAsync()
    {
        _server = await DirectoryServer.StartAsync();
        _secrets.Password = _server.OperatorPassword;
        return _server;
    }

    private sealed class Secrets : IBackendSecrets
    {
        public string Username { get; set; } = DirectoryServer.OperatorDn;

        public string Password { get; set; } = "";

        public Task<BackendSecret> ReadAsync(string name, string purpose, CancellationToken cancellationToken) =>
            Task.FromResult(new BackendSecret(new("mail-operator", name), new Dictionary<string, string> { ["username"] = Username, ["password"] = Password }));
    }

    /// <summary>Leads from 127.0.0.2 to a port of 127.0.0.1, for so many requests: the last is done, and its answer is lost.</summary>
    private sealed class Forwarder : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Parse("127.0.0.2"), 0);
        private int _left;

        public Forwarder(int port, int requests = int.MaxValue)
        {
            _left = requests;
            _listener.Start();
            _ = ServeAsync(port);
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public void Dispose() => _listener.Dispose();

        private async Task ServeAsync(int port)
        {
            try
            {
                while (true)
                {
                    using TcpClient client = await _listener.AcceptTcpClientAsync(Token);
                    using var server = new TcpClient();
                    await server.ConnectAsync(IPAddress.Loopback, port, Token);
                    await ForwardAsync(client.GetStream(), server.GetStream());
                }
            }
            catch (Exception e) when (e is SocketException or IOException or OperationCanceledException or ObjectDisposedException)
            {
                // The test is over.
            }
        }

        private async Task ForwardAsync(NetworkStream client, NetworkStream server)
        {
            Task answers = AnswerAsync(client, server);
            byte[] request = new byte[64 * 1024];
            while (_left > 0 && await client.ReadAsync(request, Token) is var length && length > 0)
            {
                _left--;
                await server.WriteAsync(request.AsMemory(0, length), Token);
            }

            if (_left == 0)
            {
                await answers;
            }
        }

        private async Task AnswerAsync(NetworkStream client, NetworkStream server)
        {
            byte[] answer = new byte[64 * 1024];
            while (await server.ReadAsync(answer, Token) is var length && length > 0 && _left > 0)
            {
                await client.WriteAsync(answer.AsMemory(0, length), Token);
            }
        }
    }
}
