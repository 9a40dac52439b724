using MailOperator.Backends;
using MailOperator.IntegrationTests.Bed;

namespace MailOperator.IntegrationTests.Backends;

/// <summary>The rights that a directory grants the operator, and the messages if they are too few.</summary>
public sealed class LdapDirectoryTests : LdapTest
{
    [Fact]
    public async Task ListAll_MoreThanSlapdGivesByItself_IsWholeOrAnError()
    {
        // Mutant: a result that was cut by a limit counts as complete, and the rest as revoked.
        DirectoryServer own = await OwnServerAsync();
        IMailBackend backend = Make();
        await backend.ApplyAsync(
            new SlotChange(Owner, [.. Enumerable.Range(0, 600).Select(number => Slot($"n{number:D5}"))], []), Token);
        Assert.Equal(600, (await backend.ListAllAsync(Owner.Instance, Token)).Count);

        await own.ModifyAsync("dn: olcDatabase={1}mdb,cn=config\nchangetype: modify\ndelete: olcLimits\n");
        MailBackendException e = await Assert.ThrowsAsync<MailBackendException>(
            () => Make().ListAllAsync(Owner.Instance, Token));

        Assert.Equal(
            (BackendFailure.Rejected, true), (e.Failure, e.Message.Contains("olcLimits", StringComparison.Ordinal)));
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
            await own.ModifyAsync(
                "dn: olcDatabase={1}mdb,cn=config\nchangetype: modify\nreplace: olcAccess\nolcAccess: "
                + "{0}to dn.subtree=\"ou=app-passwords,dc=example,dc=com\" by anonymous auth\nolcAccess: "
                + "{1}to * by anonymous auth by * read\n");
        }

        IMailBackend backend = Make(spec =>
        {
            spec.PasswordPolicy = without == "policy" ? "cn=nowhere,dc=example,dc=com" : spec.PasswordPolicy;
            spec.BaseDN = without == "base" ? "ou=nowhere,dc=example,dc=com" : spec.BaseDN;
        });

        MailBackendException e = await Assert.ThrowsAsync<MailBackendException>(
            () => backend.ListAllAsync(Owner.Instance, Token));

        Assert.Equal(BackendFailure.Rejected, e.Failure);
        Assert.Contains(advice, e.Message);
    }

    [Fact]
    public async Task ListAll_EntriesThatAreNotShown_IsNoEmptyList()
    {
        // Mutant: unreadable entries count as revoked.
        DirectoryServer own = await OwnServerAsync();
        IMailBackend backend = Make();
        Assert.Empty(await backend.ListAllAsync(Owner.Instance, Token)); // empty, without a failure
        await backend.ApplyAsync(new SlotChange(Owner, [Slot("aaaaaa")], []), Token);
        Assert.Empty(await backend.ListAllAsync("another", Token));
        await own.ModifyAsync(
            "dn: olcDatabase={1}mdb,cn=config\nchangetype: modify\nadd: olcAccess\nolcAccess: "
            + "{0}to dn.children=\"ou=app-passwords,dc=example,dc=com\" by * none\n");

        MailBackendException e = await Assert.ThrowsAsync<MailBackendException>(
            () => Make().ListAllAsync(Owner.Instance, Token));

        Assert.Equal(
            (BackendFailure.Rejected, true),
            (e.Failure, e.Message.Contains("right to read them all", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Right_Missing_SaysSo()
    {
        Secret["username"] = "cn=dovecot,dc=example,dc=com";
        Secret["password"] = Server.DovecotPassword;

        MailBackendException e = await Assert.ThrowsAsync<MailBackendException>(
            () => Make().ApplyAsync(new SlotChange(Owner, [Slot("aaaaaa")], []), Token));

        Assert.Equal(
            (BackendFailure.Unauthorized, true),
            (e.Failure, e.Message.Contains("right to write", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Rights_OfTheOperator_EndAtItsBase()
    {
        // Mutant: an access rule of examples/openldap grants more than it says.
        IMailBackend above = Make(spec => spec.BaseDN = "dc=example,dc=com");

        MailBackendException e = await Assert.ThrowsAsync<MailBackendException>(
            () => above.ApplyAsync(new SlotChange(Owner, [Slot("aaaaaa")], []), Token));

        Assert.Equal(BackendFailure.Unauthorized, e.Failure);
        Assert.DoesNotContain("userPassword", await Shell.RunAsync(
            "ldapsearch", "-LLL", "-x", "-H", $"ldap://127.0.0.1:{Server.Port}", "-D", "cn=dovecot,dc=example,dc=com",
            "-w", Server.DovecotPassword, "-b", DirectoryServer.BaseDn));
    }
}
