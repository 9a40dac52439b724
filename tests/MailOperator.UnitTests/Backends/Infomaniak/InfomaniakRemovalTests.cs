using MailOperator.Backends;
using MailOperator.Tests.Infomaniak;

namespace MailOperator.UnitTests.Backends.Infomaniak;
/// <summary>A removal is done only when the password cannot work any more.</summary>
public sealed class InfomaniakRemovalTests : InfomaniakRig
{
    [Theory]
    [InlineData("""{"result":"success","data":false}""")]
    [InlineData("""{"result":"success"}""")]
    [InlineData("""{"result":"asynchronous"}""")]
    [InlineData("""{"result":"error"}""")]
    [InlineData("")]
    public async Task Remove_AnythingButDone_IsAFailure(string answer)
    {
        await IssueAsync(Slot("abcdef"));
        On("DELETE", Says(answer));

        Assert.Equal(BackendFailure.Unavailable, (await FailureAsync(() => View.RemoveAsync(Owner, Token))).Failure);
        Fault = static _ => null;
        await View.RemoveAsync(Owner, Token);
        Assert.Empty(Made());
    }

    [Fact]
    public async Task Remove_SaidToBeDoneAndNotDone_IsAFailure()
    {
        // Mutant: the answer is trusted, and the finalizer is removed although the password works.
        await IssueAsync(Slot("abcdef"));
        On("DELETE", Says("""{"result":"success","data":true}""") with { IsApplied = false });

        Assert.Contains("still shows", (await FailureAsync(() => View.RemoveAsync(Owner, Token))).Message);
    }

    [Fact]
    public async Task Remove_LegacyDevice_IsRejectedWithWhoCan()
    {
        // Mutant: reports missing rights of the token, although it has them.
        await IssueAsync(Slot("abcdef"));
        On("DELETE", InfomaniakFault.Answers(403, "legacy_device_deletion"));

        MailBackendException e = await FailureAsync(() => View.RemoveAsync(Owner, Token));

        Assert.Equal(
            (BackendFailure.Rejected, true),
            (e.Failure, e.Message.Contains("only its own user can remove", StringComparison.Ordinal)));
        Assert.Single(Made());
    }

    [Theory]
    [InlineData("removed")]
    [InlineData("renamed")]
    [InlineData("of a hosting that the token does not reach")]
    public async Task Remove_MailboxThatIsNotFound_IsNoProofThatItsPasswordsAreGone(string mailbox)
    {
        // Mutant: a 404 counts as a deleted mailbox. The API answers all of these alike, and in
        // two of them the password still works: so nothing counts as revoked until a person has checked.
        string password = await IssueAsync(Slot("abcdef", Other));
        Fault = request =>
            mailbox == "of a hosting that the token does not reach"
            && request.Contains("/info/", StringComparison.Ordinal)
                ? InfomaniakFault.Answers(404, "object_not_found")
                : null;
        if (mailbox == "renamed")
        {
            Hosting.RenameMailbox("info", "office");
            Assert.True(Hosting.Accepts("office", "IMAP", password));
        }
        else if (mailbox == "removed")
        {
            Hosting.RemoveMailbox("info");
        }

        MailBackendException look = await FailureAsync(() => For(Other).ListAsync(Owner, Token));
        MailBackendException end = await FailureAsync(() => For(Other).RemoveAsync(Owner, Token));

        Assert.Equal((BackendFailure.MailboxNotFound, BackendFailure.MailboxNotFound), (look.Failure, end.Failure));
        Assert.Equal(0, Count("DELETE"));
        Forget(Other);
    }

    [Fact]
    public async Task Remove_WrongAddress_IsNoSuccess()
    {
        // Mutant: the 404 of a proxy passes for an access that is gone.
        await IssueAsync(Slot("abcdef"));
        On("DELETE", Says("<html>", 404));

        await FailureAsync(() => View.RemoveAsync(Owner, Token));
    }
}
