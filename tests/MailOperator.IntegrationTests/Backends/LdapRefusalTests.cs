using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Backends.Ldap;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Tests;

namespace MailOperator.IntegrationTests.Backends;

/// <summary>
/// What a directory keeps from the operator, or does not let it do: never told as a password that has ended, and never half
/// of a change.
/// </summary>
public sealed class LdapRefusalTests : IAsyncLifetime
{
    private const string Below = $"dn.children=\"{DirectoryServer.BaseDn}\"";
    private const string Account = $"mailOperatorMailbox=a@example.com,{DirectoryServer.BaseDn}";
    private const string OldDn = $"mailOperatorSelector=oldold,{Account}";
    private const string Password = "oldold-and-the-rest";

    private static readonly SlotOwner Owner = new("one", "d1");
    private static readonly string PasswordHash = BCrypt.Net.BCrypt.HashPassword(Password, BCrypt.Net.BCrypt.GenerateSalt(4, 'y'));

    private readonly List<LdapBackend> _made = [];
    private DirectoryServer _server = null!;
    private LdapBackend _backend = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await DirectoryServer.StartAsync();
        _backend = Make();
        await _backend.ApplyAsync(new SlotChange(Owner, [Slot("oldold")], []), Token);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (LdapBackend made in _made)
        {
            await made.DisposeAsync();
        }

        await _server.StopAsync();
    }

    [Theory]
    [InlineData($"{Below} by * none")]
    [InlineData($"{Below} filter=(objectClass=mailOperatorSlot) by * none")]
    [InlineData($"{Below} attrs=mailOperatorDeviceUid by * none")]
    [InlineData($"{Below} attrs=mailOperatorInstance by * none")]
    public async Task Slots_HiddenFromTheOperator_AreNeverToldAsEnded(string rule)
    {
        // Mutants: a call that takes what is not shown for not there; only the whole base is looked at, not what is below a mailbox.
        await DenyAsync(rule);

        foreach (Func<Task> call in (Func<Task>[])
        [
            () => _backend.RemoveAsync(Owner, Token), () => _backend.ListAsync(Owner, Token), () => _backend.ListAllAsync(Owner.Instance, Token),
            () => _backend.ApplyAsync(new SlotChange(Owner, [], ["oldold"]), Token), () => _backend.ApplyAsync(new SlotChange(Owner, [Slot("newnew")], ["oldold"]), Token),
        ])
        {
            MailBackendException e = await Assert.ThrowsAsync<MailBackendException>(call);

            Assert.Equal(BackendFailure.Rejected, e.Failure);
            Assert.Contains("give the operator's entry the right to read", e.Message);
        }

        await AllowAsync();
        Assert.Equal(0, await _server.BindAsync(OldDn, Password)); // it works indeed
        Assert.Equal([Slot("oldold")], await _backend.ListAsync(Owner, Token));
        await _backend.RemoveAsync(Owner, Token);
        Assert.Equal(49, await _server.BindAsync(OldDn, Password));
        Assert.Empty(await _backend.ListAsync(Owner, Token));
    }

    [Fact]
    public async Task Hash_NotShown_IsSaidAndKeepsNoPasswordAlive()
    {
        // Mutants: the missing right is told as somebody's writing; what cannot be read cannot be removed.
        await DenyAsync($"{Below} attrs=userPassword by dn.exact=\"{DirectoryServer.OperatorDn}\" =w by anonymous auth");

        MailBackendException e = await Assert.ThrowsAsync<MailBackendException>(() => _backend.ListAsync(Owner, Token));
        Assert.Contains($"{OldDn} without its userPassword; give the operator's entry the right to read", e.Message);

        await _backend.RemoveAsync(Owner, Token);
        Assert.Equal(49, await _server.BindAsync(OldDn, Password));
    }

    [Fact]
    public async Task Child_OfAnEntry_IsNamedAndKeepsNoOtherPasswordAlive()
    {
        // Mutants: a bare number; the first that cannot be deleted ends the deletions.
        await _backend.ApplyAsync(new SlotChange(Owner, [Slot("second")], []), Token);
        await AddChildAsync();

        MailBackendException e = await Assert.ThrowsAsync<MailBackendException>(() => _backend.RemoveAsync(Owner, Token));
        Assert.Equal(BackendFailure.Rejected, e.Failure);
        Assert.Contains($"{OldDn} cannot be deleted", e.Message);
        Assert.Equal([Slot("oldold")], await _backend.ListAsync(Owner, Token));

        await _server.ModifyAsync($"dn: cn=note,{OldDn}\nchangetype: delete\n");
        await _backend.RemoveAsync(Owner, Token);
        Assert.Empty((await _server.SearchAsync($"(mailOperatorMailbox={Slot("x").Mailbox})")).Trim());
    }

    [Fact]
    public async Task Change_WhoseDeletionIsRefused_LeavesAllAsItWas()
    {
        // Mutants: what was put stays beside what was to go; what was deleted before is not put back, or without all that it had.
        Slot[] before =
        [
            Slot("first0") with { NotAfter = new DateTimeOffset(2031, 1, 1, 0, 0, 1, TimeSpan.Zero) },
            Slot("oldold"),
            Slot("change"),
        ];
        await _backend.RemoveAsync(Owner, Token);
        await _backend.ApplyAsync(new SlotChange(Owner, [.. before], []), Token);
        await AddChildAsync();
        Slot changed = Slot("change") with { Restrictions = Slot("x").Restrictions with { IsSuspended = true } };

        await Assert.ThrowsAsync<MailBackendException>(() => _backend.ApplyAsync(
            new SlotChange(Owner, [Slot("newnew"), Slot("newbox") with { Mailbox = "b@example.com" }, changed], ["first0", "oldold"]), Token));

        Assert.Equal(before.OrderBy(static slot => slot.Selector), (await _backend.ListAsync(Owner, Token)).OrderBy(static slot => slot.Selector));
        Assert.Equal(0, await _server.BindAsync($"mailOperatorSelector=first0,{Account}", Password));
        Assert.Empty((await _server.SearchAsync("(mailOperatorMailbox=b@example.com)")).Trim());
    }

    [Fact]
    public async Task Removal_CutOffAnywhere_IsAFailureOrDoneAndMadeWholeByTheNext()
    {
        // Mutants: an answer that is lost counts as a success; an entry that is gone already fails the next try.
        for (int requests = 1; ; requests++)
        {
            await _backend.ApplyAsync(new SlotChange(Owner, [Slot("oldold"), Slot("second")], []), Token);
            await using var wire = new FaultProxy(_server.Port);
            await wire.LoseAnswerAsync(requests);
            LdapBackend cut = Make(spec => (spec.Url, spec.Tls) = ($"ldap://127.0.0.1:{wire.Port}", LdapTls.Disabled));

            Exception? e = await Record.ExceptionAsync(() => cut.RemoveAsync(Owner, Token));

            if (e is null)
            {
                Assert.Empty(await _backend.ListAsync(Owner, Token));
                Assert.InRange(requests, 6, 7); // it binds, searches, deletes three entries, and one more was never asked
                return;
            }

            Assert.Equal(BackendFailure.Unavailable, Assert.IsType<MailBackendException>(e).Failure);
            await _backend.RemoveAsync(Owner, Token);
            Assert.Empty(await _backend.ListAsync(Owner, Token));
            Assert.Equal(49, await _server.BindAsync(OldDn, Password));
        }
    }

    [Fact]
    public async Task Limit_OfWhatMayBeLookedAt_NamesTheSetting()
    {
        await _backend.ApplyAsync(new SlotChange(Owner, [Slot("second")], []), Token);
        await _server.ModifyAsync(
            $"dn: olcDatabase={{1}}mdb,cn=config\nchangetype: modify\nreplace: olcLimits\nolcLimits: dn.exact=\"{DirectoryServer.OperatorDn}\" size.unchecked=1\n");

        MailBackendException e = await Assert.ThrowsAsync<MailBackendException>(() => Make().ListAsync(Owner, Token));

        Assert.Equal((BackendFailure.Rejected, true), (e.Failure, e.Message.Contains("olcLimits", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Schema_ThatNobodyHasLoaded_IsSaid()
    {
        // Mutants: a search for what the directory does not know finds nothing, and so all is well; the refusal of an entry is not told as that.
        await _server.StopAsync();
        _server = await DirectoryServer.StartAsync(schema: "none");
        LdapBackend backend = Make();

        MailBackendException looked = await Assert.ThrowsAsync<MailBackendException>(() => backend.ListAllAsync(Owner.Instance, Token));
        MailBackendException put = await Assert.ThrowsAsync<MailBackendException>(() => backend.ApplyAsync(new SlotChange(Owner, [Slot("newnew")], []), Token));

        Assert.Equal((BackendFailure.Rejected, BackendFailure.Rejected), (looked.Failure, put.Failure));
        Assert.Contains("does not have version 1 of the schema", looked.Message);
        Assert.Contains("load the schema of this version", put.Message);
    }

    private LdapBackend Make(Action<LdapSpec>? change = null)
    {
        LdapSpec spec = _server.Spec;
        change?.Invoke(spec);
        var secret = new GivenSecret(new() { ["username"] = DirectoryServer.OperatorDn, ["password"] = _server.OperatorPassword });
        var made = (LdapBackend)new LdapDriver(secret).Create(new MailBackendSpec { Ldap = spec });
        _made.Add(made);
        return made;
    }

    /// <summary>Puts a rule before all others.</summary>
    private Task DenyAsync(string rule) => _server.ModifyAsync($"dn: olcDatabase={{1}}mdb,cn=config\nchangetype: modify\nadd: olcAccess\nolcAccess: {{0}}to {rule}\n");

    /// <summary>Takes it away again.</summary>
    private Task AllowAsync() => _server.ModifyAsync("dn: olcDatabase={1}mdb,cn=config\nchangetype: modify\ndelete: olcAccess\nolcAccess: {0}\n");

    private Task AddChildAsync() => _server.ModifyAsync($"dn: cn=note,{OldDn}\nchangetype: add\nobjectClass: organizationalRole\ncn: note\n");

    private static Slot Slot(string selector) => new()
    {
        Owner = Owner,
        Selector = selector,
        Mailbox = "a@example.com",
        Hash = PasswordHash,
        IssuedAt = new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero),
        Restrictions = new SlotRestrictions { DeviceName = "shop/a", Protocols = [MailProtocol.IMAP] },
    };
}
