using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Tests.Infomaniak;

namespace MailOperator.UnitTests.Backends.Infomaniak;

/// <summary>What every kind of wrong answer means, and what happens to a password whose answer was lost.</summary>
public sealed class InfomaniakFaultTests : InfomaniakRig
{
    [Theory]
    [InlineData(400, "", nameof(BackendFailure.Rejected), "HTTP status 400")]
    [InlineData(
        401, "not_authorized", nameof(BackendFailure.Unauthorized), "the key 'token' of the Secret 'infomaniak'")]
    [InlineData(403, "", nameof(BackendFailure.Unauthorized), "scope 'mail'")]
    [InlineData(404, "object_not_found", nameof(BackendFailure.MailboxNotFound), "spec.infomaniak.serviceId")]
    [InlineData(404, "", nameof(BackendFailure.Unavailable), "spec.infomaniak.url")]
    [InlineData(
        409, "device_already_has_access_to_mailbox", nameof(BackendFailure.Unavailable), "the next try makes another")]
    [InlineData(409, "", nameof(BackendFailure.Unavailable), "HTTP status 409")]
    [InlineData(
        422, "existing_device_can_only_have_one_user", nameof(BackendFailure.Rejected),
        "existing_device_can_only_have_one_user")]
    [InlineData(
        422, "legacy_device_creation", nameof(BackendFailure.Rejected), "HTTP status 422, legacy_device_creation")]
    [InlineData(429, "", nameof(BackendFailure.Busy), "too many requests")]
    [InlineData(
        500, "cannot_delete_object", nameof(BackendFailure.Unavailable), "HTTP status 500, cannot_delete_object")]
    [InlineData(501, "", nameof(BackendFailure.NotEligible), "ask Infomaniak to enable it")]
    [InlineData(502, "", nameof(BackendFailure.Unavailable), "HTTP status 502")]
    [InlineData(503, "", nameof(BackendFailure.Unavailable), "HTTP status 503")]
    [InlineData(302, "", nameof(BackendFailure.Unavailable), "redirect")]
    public async Task Issue_Refused_FailsAsItMeansAndMakesNothing(int status, string code, string failure, string says)
    {
        Fault = request => request != Create
            ? null
            : new InfomaniakFault { Status = status, Code = code, Body = code.Length > 0 ? null : "<html>" };

        MailBackendException e = await FailureAsync(() => IssueAsync(Slot("abcdef")));

        Assert.Equal(failure, e.Failure.ToString());
        Assert.Contains(says, e.Message);
        Assert.Contains($"did not make a password for {Mailbox}", e.Message);
        Assert.Empty(Made());
        Assert.Equal(1, Count("POST"));
    }

    [Fact]
    public async Task List_MissingMailbox_IsSaid()
    {
        MailBackendException e = await FailureAsync(() => For("nobody@example.com").ListAsync(Owner, Token));

        Assert.Equal(BackendFailure.MailboxNotFound, e.Failure);
        Assert.Contains("nobody@example.com", e.Message);
    }

    [Fact]
    public async Task Issue_UserWhoIsNotThere_NamesTheField()
    {
        MailBackendException e = await FailureAsync(
            () => IssueAsync(Slot("abcdef") with { Device = new DeviceDescription(DeviceType.Other, "ada", "99") }));

        Assert.Contains("spec.externalId", e.Message);
    }

    [Theory]
    [InlineData("hang up")]
    [InlineData("""{"result":"asynchronous"}""")]
    [InlineData("""{"result":"error","error":{"code":"cannot_update_object","description":"x"}}""")]
    [InlineData("""{"result":"success"}""")]
    [InlineData("""{"result":"success","data":null}""")]
    [InlineData("""{"result":"success","data":{"password":null}}""")]
    [InlineData("""{"result":"success","data":{"password":""}}""")]
    [InlineData("""{"result":"success","data":{"password":17}}""")]
    [InlineData("""{"result":"success","data":{"password":"a line\nand another"}}""")]
    [InlineData("""{"result":"success","data":true}""")]
    [InlineData("{")]
    [InlineData("")]
    public async Task Issue_AnswerLost_HasAnotherPasswordMadeForWhatWasMade(string answer)
    {
        Fault = request => request != Create ? null : answer == "hang up" ? InfomaniakFault.LosesAnswer : Says(answer);

        string password = await IssueAsync(Slot("abcdef"));

        Assert.Single(Made());
        Assert.True(Accepts(password));
        Assert.Equal(
            [Create, $"POST {Base}/{Made()[0].Id}"],
            Requests.Where(static request => request.StartsWith("POST", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(500)]
    [InlineData(409)]
    [InlineData(503)]
    public async Task Issue_DoneAndSaidToHaveFailed_LeavesNoMoreThanOne(int status)
    {
        Fault = request => request == Create
            ? new InfomaniakFault { IsApplied = true, Status = status, Code = "device_already_has_access_to_mailbox" }
            : null;

        await IssueAsync(Slot("abcdef"));

        Assert.Single(Made());
    }

    [Fact]
    public async Task Issue_Stalled_FindsWhatWasMade()
    {
        Fault = request => request == Create ? InfomaniakFault.Stalls : null;
        Task<string> issue = IssueAsync(Slot("abcdef"));
        while (Made().Length == 0)
        {
            Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        Clock.Advance(TimeSpan.FromSeconds(5));

        Assert.True(Accepts(await issue));
    }

    [Fact]
    public async Task Issue_RegenerationLostToo_IsRemoved()
    {
        // Mutant: it is regenerated once more, and a delayed request invalidates the password.
        On("POST", InfomaniakFault.LosesAnswer);

        MailBackendException e = await FailureAsync(() => IssueAsync(Slot("abcdef")));

        Assert.Equal(BackendFailure.Unavailable, e.Failure);
        Assert.Empty(Made());
    }

    [Fact]
    public async Task Issue_LostBeforeItWasDone_MakesOneRequestOnly()
    {
        // Mutant: it is sent again, although the first arrives later.
        Fault = request => request == Create ? InfomaniakFault.LosesRequest : null;
        await Backend.ListAllAsync("cluster", Token); // opens a connection that might pass for a stale one

        await FailureAsync(() => IssueAsync(Slot("abcdef")));

        Assert.Equal(1, Count("POST"));
    }

    [Fact]
    public async Task Issue_RepeatedOnItsWay_LeavesNone()
    {
        // It is unknown which of the two has the password.
        Fault = request =>
        {
            if (request.StartsWith("GET", StringComparison.Ordinal) && Made() is [var made])
            {
                Hosting.Create("alerts", "imap", made.Device.Label, null, null, null, null);
            }

            return null;
        };

        await FailureAsync(() => IssueAsync(Slot("abcdef")));

        Assert.Empty(Made());
    }

    [Fact]
    public async Task Issue_LabelThatIsNotKept_IsNotHandedOut()
    {
        // Mutant: a password is handed out that can never be revoked.
        Fault = request =>
        {
            foreach (InfomaniakAccess made in Made())
            {
                made.Device.Label = "Device";
            }

            return null;
        };

        MailBackendException e = await FailureAsync(() => IssueAsync(Slot("abcdef")));

        Assert.Contains("could not be revoked", e.Message);
    }

    [Theory]
    [InlineData("""{"result":"success","data":null,"total":0,"pages":1}""")]
    [InlineData("""{"result":"success","data":[]}""")]
    [InlineData("""{"result":"success","data":[],"total":0}""")]
    [InlineData("""{"result":"success","data":[],"total":3,"pages":1}""")]
    [InlineData("""{"result":"success","data":[{"id":1,"created_at":1}],"total":1,"pages":1}""")]
    [InlineData("""{"result":"success","data":[null],"total":1,"pages":1}""")]
    [InlineData("""{"result":"success","data":{},"total":0,"pages":1}""")]
    [InlineData("""{"result":"success","data":[],"total":3,"pages":100000}""")]
    [InlineData("""{"result":"asynchronous","data":[],"total":0,"pages":1}""")]
    [InlineData("""{"result":"error","data":[],"total":0,"pages":1}""")]
    [InlineData("""{"data":[],"total":0,"pages":1}""")]
    [InlineData("""{"result":"success","data":[{"id":1,"created_at":1e99}],"total":1,"pages":1}""")]
    [InlineData("<html>")]
    public async Task List_AnswerThatIsNotOfTheApi_IsUnavailableAndNotEmpty(string answer)
    {
        // Mutant: an unreadable answer counts as an empty list, so that a revocation seems done.
        await IssueAsync(Slot("abcdef"));
        On("GET", Says(answer));

        MailBackendException e = await FailureAsync(() => View.ListAsync(Owner, Token));
        Clock.Advance(TimeSpan.FromMinutes(1));
        await FailureAsync(() => View.RemoveAsync(Owner, Token));

        Assert.Equal(BackendFailure.Unavailable, e.Failure);
        Assert.Single(Made());
    }

    [Theory]
    [InlineData("protocols", "\"smtp\"")]
    [InlineData("created_at", "-1")]
    [InlineData("last_connection", "9999999999999")]
    public async Task List_SlotThatIsNotAsDescribed_IsSaid(string field, string value)
    {
        await IssueAsync(Slot("abcdef"));
        InfomaniakAccess made = MadeOne();
        string json = InfomaniakJson.Of(made, Hosting, ["device"]).ToJsonString();
        string bad = System.Text.RegularExpressions.Regex.Replace(json, $"\"{field}\":[^,]+", $"\"{field}\":{value}");
        On("GET", Says($$"""{"result":"success","data":[{{bad}}],"total":1,"pages":1}"""));

        MailBackendException e = await FailureAsync(() => View.ListAsync(Owner, Token));

        Assert.Equal(BackendFailure.Unavailable, e.Failure);
        Assert.Contains("the description of its API", e.Message);
    }

    [Fact]
    public async Task Rename_NameThatIsTaken_IsRejected()
    {
        await IssueAsync(Slot("abcdef"));
        On("PATCH", InfomaniakFault.Answers(409, "device_already_exists"));

        MailBackendException e = await FailureAsync(
            () => View.ApplyAsync(new SlotChange(Owner, [Slot("abcdef") with { IsRetained = true }], []), Token));

        Assert.Equal(BackendFailure.Rejected, e.Failure);
        Assert.Contains("spec.displayName", e.Message);
    }

    [Fact]
    public async Task Rename_DeviceThatIsGoneMeanwhile_IsLookedAtAgain()
    {
        // Mutant: the mailbox counts as missing, and no new password is made.
        await IssueAsync(Slot("abcdef"));
        On("PATCH", InfomaniakFault.Answers(404, "object_not_found"));

        MailBackendException e = await FailureAsync(
            () => View.ApplyAsync(new SlotChange(Owner, [Slot("abcdef") with { IsRetained = true }], []), Token));

        Assert.Equal(BackendFailure.Unavailable, e.Failure);
    }

    [Theory]
    [InlineData(422)]
    [InlineData(500)]
    [InlineData(401)]
    [InlineData(200)]
    public async Task Secrets_ThatTheServerRepeats_AreInNoMessage(int status)
    {
        // Mutants: quotes the API's description; quotes any code; quotes an unreadable answer.
        const string Password = "Passw0rd-of-the-access";
        string said = $$$"""
            {"result":"error","data":{"password":["{{{Password}}}"]},
            "error":{"code":"{{{Password}}}","description":"{{{Password}}} {{{InfomaniakServer.Token}}}"}}
            """;
        foreach (string answer in new[]
        {
            said,
            said.Replace("\"error\",", "\"success\",", StringComparison.Ordinal),
            $"{Password} {InfomaniakServer.Token}",
        })
        {
            On("POST", Says(answer, status));

            string told = (await FailureAsync(() => IssueAsync(Slot("abcdef")))).ToString();

            Assert.DoesNotContain(Password, told);
            Assert.DoesNotContain(InfomaniakServer.Token, told);
            foreach (InfomaniakAccess made in Made())
            {
                Hosting.Delete("alerts", made.Id);
            }

            Clock.Advance(TimeSpan.FromMinutes(1));
        }
    }
}
