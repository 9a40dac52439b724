using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Backends.Ldap;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Tests;

namespace MailOperator.IntegrationTests.Backends;

/// <summary>
/// OpenLDAP with the schema of <c>operator/Backends/Ldap/Schema</c>, under the rights of <c>examples/openldap</c>.
/// </summary>
public sealed class LdapConformanceTests : HashConformance
{
    private readonly Dictionary<string, string> _secret = new() { ["username"] = DirectoryServer.OperatorDn };
    private DirectoryServer _server = null!;
    private FaultProxy _way = null!;

    [Fact]
    public async Task Remove_LastSlotOfAMailbox_LeavesNoEntryOfItAndASharedOneStays()
    {
        await Backend.ApplyAsync(new SlotChange(Owner, [Slot("mine00")], []), Token);
        await Backend.ApplyAsync(new SlotChange(Other, [Slot("other0") with { Owner = Other }], []), Token);

        await Backend.RemoveAsync(Owner, Token);
        Assert.Contains("other0", await _server.SearchAsync($"(mailOperatorMailbox={Slot("x").Mailbox})"));
        await Backend.ApplyAsync(new SlotChange(Other, [], ["other0"]), Token);

        Assert.Empty((await _server.SearchAsync($"(mailOperatorMailbox={Slot("x").Mailbox})")).Trim());
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
        // Mutant: only the slot's data is compared, and not the attributes that the mail server searches by.
        Slot suspended = Slot("aaaaaa") with { Restrictions = Slot("x").Restrictions with { IsSuspended = true } };
        await Backend.ApplyAsync(new SlotChange(Owner, [suspended], []), Token);
        await _server.ModifyAsync(
            $"dn: mailOperatorSelector=aaaaaa,mailOperatorMailbox={suspended.Mailbox},{DirectoryServer.BaseDn}"
            + "\nchangetype: modify\nadd: mailOperatorService\nmailOperatorService: imap\n");

        Assert.Equal([suspended with { IsIntact = false }], await Backend.ListAsync(Owner, Token));
        await Backend.ApplyAsync(new SlotChange(Owner, [suspended], []), Token);
        Assert.Equal([suspended], await Backend.ListAsync(Owner, Token));
    }

    internal override ITrouble Trouble => _way;

    // Each entry is changed by itself: puts come before removals, so that the old or the new password always works.
    internal override bool IsWhole => false;

    internal override IMailBackend Create() => Connect(_way.Port);

    internal override IMailBackend CreateAside() => Connect(_server.Port);

    protected override async Task StartAsync()
    {
        _server = await DirectoryServer.GetAsync();
        _way = new FaultProxy(_server.Port);
        await LetInAsync();
    }

    protected override Task RestartServerAsync() => _server.RestartAsync();

    protected override Task LockOutAsync()
    {
        _secret["password"] = WrongSecret;
        return Task.CompletedTask;
    }

    protected override Task LetInAsync()
    {
        _secret["password"] = _server.OperatorPassword;
        return Task.CompletedTask;
    }

    private IMailBackend Connect(int port)
    {
        LdapSpec spec = _server.Spec;
        spec.Url = $"ldap://localhost:{port}";
        return new LdapDriver(new GivenSecret(_secret)).Create(new MailBackendSpec { Ldap = spec });
    }
}
