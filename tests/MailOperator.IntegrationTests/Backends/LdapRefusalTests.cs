using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Backends.Ldap;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Tests;

namespace MailOperator.IntegrationTests.Backends;

/// <summary>
/// What a directory hides from the operator or refuses: never reported as an ended password,
/// and never a partial change.
/// </summary>
public sealed class LdapRefusalTests : IAsyncLifetime
{
    private const string Below = $"dn.children=\"{DirectoryServer.BaseDn}\"";
    private const string Account = $"mailOperatorMailbox=a@example.com,{DirectoryServer.BaseDn}";
    private const string OldDn = $"mailOperatorSelector=oldold,{Account}";
    private const string Password = "oldold-and-the-rest";

    private static readonly SlotOwner Owner = new("one", "d1");
    private static readonly string PasswordHash =
        BCrypt.Net.BCrypt.HashPassword(Password, BCrypt.Net.BCrypt.GenerateSalt(4, 'y'));

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
        // Mutants: hidden entries count as missing; only the base is checked, and not entries below a mailbox.
        await DenyAsync(rule);

        foreach (Func<Task> call in (Func<Task>[])
        [
            () => _backend.RemoveAsync(Owner, Token),
            () => _backend.ListAsync(Owner, Token),
            () => _backend.ListAllAsync(Owner.Instance, Token),
            () => _backend.ApplyAsync(new SlotChange(Owner, [], ["oldold"]), Token),
            () => _backend.ApplyAsync(new SlotChange(Owner, [Slot("newnew")], ["oldold"]), Token),
        ])
        {
            MailBackendException e = await Assert.ThrowsAsync<MailBackendException>(call);

            Assert.Equal(BackendFailure.Rejected, e.Failure);
            Assert.Contains("give the operator's entry the right to read", e.Message);
        }

        await AllowAsync();
        Assert.Equal(0, await _server.BindAsync(OldDn, Password)); // it does work
        Assert.Equal([Slot("oldold")], await _backend.ListAsync(Owner, Token));
        await _backend.RemoveAsync(Owner, Token);
        Assert.Equal(49, await _server.BindAsync(OldDn, Password));
        Assert.Empty(await _backend.ListAsync(Owner, Token));
    }

    [Fact]
    public async Task Hash_NotShown_IsSaidAndKeepsNoPasswordAlive()
    {
        // Mutants: a missing right is reported as an edited entry; unreadable entries cannot be removed.
        await DenyAsync(
            $"{Below} attrs=userPassword by dn.exact=\"{DirectoryServer.OperatorDn}\" =w by anonymous auth");

        MailBackendException e = await Assert.ThrowsAsync<MailBackendException>(() => _backend.ListAsync(Owner, Token));
        Assert.Contains($"{OldDn} without its userPassword; give the operator's entry the right to read", e.Message);

        await _backend.RemoveAsync(Owner, Token);
        Assert.Equal(49, await _server.BindAsync(OldDn, Password));
    }

    [Fact]
    public async Task Child_OfAnEntry_IsNamedAndKeepsNoOtherPasswordAlive()
    {
        // Mutants: reports a bare result code; the first failed deletion stops the others.
        await _backend.ApplyAsync(new SlotChange(Owner, [Slot("second")], []), Token);
        await AddChildAsync();

        MailBackendException e = await Assert.ThrowsAsync<MailBackendException>(
            () => _backend.RemoveAsync(Owner, Token));
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
        // Mutants: a put slot stays although the removal failed; a deleted entry is not restored, or incompletely.
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
            new SlotChange(
                Owner, [Slot("newnew"), Slot("newbox") with { Mailbox = "b@example.com" }, changed],
                ["first0", "oldold"]), Token));

        Assert.Equal(
            before.OrderBy(static slot => slot.Selector),
            (await _backend.ListAsync(Owner, Token)).OrderBy(static slot => slot.Selector));
        Assert.Equal(0, await _server.BindAsync($"mailOperatorSelector=first0,{Account}", Password));
        Assert.Empty((await _server.SearchAsync("(mailOperatorMailbox=b@example.com)")).Trim());
    }

    [Fact]
    public async Task Removal_CutOffAnywhere_IsAFailureOrDoneAndMadeWholeByTheNext()
    {
        // Mutants: a lost answer counts as a success; an already deleted entry fails the next try.
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
                Assert.InRange(requests, 6, 7); // bind, search and deletion of three entries
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
            "dn: olcDatabase={1}mdb,cn=config\nchangetype: modify\nreplace: olcLimits\nolcLimits: "
            + $"dn.exact=\"{DirectoryServer.OperatorDn}\" size.unchecked=1\n");

        MailBackendException e = await Assert.ThrowsAsync<MailBackendException>(() => Make().ListAsync(Owner, Token));

        Assert.Equal(
            (BackendFailure.Rejected, true), (e.Failure, e.Message.Contains("olcLimits", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Schema_ThatNobodyHasLoaded_IsSaid()
    {
        // Mutants: a search for an unknown class finds nothing and counts as success; a refused entry gets the wrong
        // message.
        await _server.StopAsync();
        _server = await DirectoryServer.StartAsync(schema: "none");
        LdapBackend backend = Make();

        MailBackendException looked = await Assert.ThrowsAsync<MailBackendException>(
            () => backend.ListAllAsync(Owner.Instance, Token));
        MailBackendException put = await Assert.ThrowsAsync<MailBackendException>(
            () => backend.ApplyAsync(new SlotChange(Owner, [Slot("newnew")], []), Token));

        Assert.Equal((BackendFailure.Rejected, BackendFailure.Rejected), (looked.Failure, put.Failure));
        Assert.Contains("does not have version 1 of the schema", looked.Message);
        Assert.Contains("load the schema of this version", put.Message);
    }

    private LdapBackend Make(Action<LdapSpec>? change = null)
    {
        LdapSpec spec = _server.Spec;
        change?.Invoke(spec);
        var secret = new GivenSecret(
            new() { ["username"] = DirectoryServer.OperatorDn, ["password"] = _server.OperatorPassword });
        var made = (LdapBackend)new LdapDriver(secret).Create(new MailBackendSpec { Ldap = spec });
        _made.Add(made);
        return made;
    }

    /// <summary>Inserts an access rule before all others.</summary>
    private Task DenyAsync(string rule) =>
        _server.ModifyAsync(
            $"dn: olcDatabase={{1}}mdb,cn=config\nchangetype: modify\nadd: olcAccess\nolcAccess: {{0}}to {rule}\n");

    /// <summary>Removes it again.</summary>
    private Task AllowAsync() =>
        _server.ModifyAsync(
            "dn: olcDatabase={1}mdb,cn=config\nchangetype: modify\ndelete: olcAccess\nolcAccess: {0}\n");

    private Task AddChildAsync() =>
        _server.ModifyAsync($"dn: cn=note,{OldDn}\nchangetype: add\nobjectClass: organizationalRole\ncn: note\n");

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
