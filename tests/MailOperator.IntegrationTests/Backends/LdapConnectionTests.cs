using System.Diagnostics;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.IntegrationTests.Bed;

namespace MailOperator.IntegrationTests.Backends;

/// <summary>
/// How the operator connects to a directory: encrypted, verified, with current credentials, and in time.
/// </summary>
public sealed class LdapConnectionTests : LdapTest
{
    [Theory]
    [InlineData("ldap://localhost:{0}", "VerifyFull")]
    [InlineData("ldaps://localhost:{1}", "VerifyFull")]
    [InlineData("ldaps://127.0.0.1:{1}/", "Required")]
    [InlineData("ldap://127.0.0.1:{0}", "Disabled")]
    public async Task Server_ByEachKindOfConnection_TakesSlots(string url, string tls)
    {
        IMailBackend backend = Make(spec =>
            (spec.Url, spec.Tls) = (string.Format(url, Server.Port, Server.LdapsPort), Enum.Parse<LdapTls>(tls)));

        await backend.ApplyAsync(new SlotChange(Owner, [Slot("aaaaaa")], []), Token);

        Assert.Equal([Slot("aaaaaa")], await Make().ListAsync(Owner, Token));
    }

    [Theory]
    [InlineData("ldap://localhost:{0}", false)] // of another authority
    [InlineData("ldaps://localhost:{1}", false)]
    [InlineData("ldaps://127.0.0.2:{1}", true)] // of another name
    public async Task Server_ThatCannotBeVerified_IsNotTrusted(string url, bool hasBundle)
    {
        // At 127.0.0.2, which the certificate does not name.
        await using var elsewhere = new FaultProxy(Server.LdapsPort, "127.0.0.2");
        IMailBackend backend = Make(spec => (spec.Url, spec.CaBundle) =
            (string.Format(url, Server.Port, hasBundle ? elsewhere.Port : Server.LdapsPort), hasBundle
                ? spec.CaBundle
                : null));

        MailBackendException e = await Assert.ThrowsAsync<MailBackendException>(() => backend.ListAsync(Owner, Token));

        Assert.Equal(BackendFailure.Unauthorized, e.Failure);
        Assert.Contains("certificate", e.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Credentials_ChangedInTheDirectory_AreFollowedWithoutARestart()
    {
        DirectoryServer own = await OwnServerAsync();
        IMailBackend backend = Make();
        await backend.ListAsync(Owner, Token);
        await own.ChangeOperatorPasswordAsync("changed");
        await own.RestartAsync(); // closes the open connection

        Secret["password"] = "changed";
        await backend.ApplyAsync(new SlotChange(Owner, [Slot("aaaaaa")], []), Token);

        Assert.Single(await backend.ListAllAsync(Owner.Instance, Token));
    }

    [Fact]
    public async Task Server_FrozenOrGone_FailsInTimeAndTakesTheChangeAgain()
    {
        DirectoryServer own = await OwnServerAsync();
        IMailBackend backend = Make();
        await backend.ListAsync(Owner, Token);
        await own.FreezeAsync();
        var time = Stopwatch.StartNew();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Token);
        deadline.CancelAfter(TimeSpan.FromSeconds(2));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => backend.ApplyAsync(new SlotChange(Owner, [Slot("aaaaaa"), Slot("bbbbbb")], []), deadline.Token));
        MailBackendException timeout = await Assert.ThrowsAsync<MailBackendException>(
            () => Make().ListAsync(Owner, Token));
        Assert.Equal((BackendFailure.Unavailable, true), (timeout.Failure, time.Elapsed < Eventually.Patience));
        await own.ThawAsync();

        await own.StopAsync();
        MailBackendException gone = await Assert.ThrowsAsync<MailBackendException>(
            () => backend.ListAsync(Owner, Token));
        Assert.Equal(BackendFailure.Unavailable, gone.Failure);
        Assert.Contains($"localhost:{own.Port}", gone.Message);

        await own.RestartAsync();
        // Again: the first attempt left nothing in the way.
        await backend.ApplyAsync(new SlotChange(Owner, [Slot("aaaaaa"), Slot("bbbbbb")], []), Token);
        Assert.Equal(2, (await backend.ListAsync(Owner, Token)).Count);
    }
}
