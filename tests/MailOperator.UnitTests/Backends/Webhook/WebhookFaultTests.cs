using MailOperator.Backends;
using MailOperator.Backends.Webhook;
using Microsoft.AspNetCore.Http;

namespace MailOperator.UnitTests.Backends.Webhook;

/// <summary>What every kind of wrong answer means, and that none leaks a hash or the token.</summary>
public sealed class WebhookFaultTests : ScriptedWebhook
{
    [Theory]
    [InlineData(401, "", "", nameof(BackendFailure.Unauthorized), "spec.webhook.authSecret")]
    [InlineData(403, "", "", nameof(BackendFailure.Unauthorized), "spec.webhook.authSecret")]
    [InlineData(
        404, WebhookProblem.MailboxNotFound, "Ask Ada.", nameof(BackendFailure.MailboxNotFound),
        "no mailbox a@example.com: it says \"Ask Ada.\"")]
    [InlineData(404, "", "", nameof(BackendFailure.Unavailable), "is spec.webhook.url right?")]
    [InlineData(405, "", "", nameof(BackendFailure.Unavailable), "HTTP status 405")]
    [InlineData(409, WebhookProblem.SelectorTaken, "", nameof(BackendFailure.Unavailable), "the next try uses another")]
    [InlineData(
        422, "about:blank", "The mailbox is full of them.", nameof(BackendFailure.Rejected),
        "The mailbox is full of them.")]
    [InlineData(400, "", "", nameof(BackendFailure.Rejected), "HTTP status 400")]
    [InlineData(413, "", "", nameof(BackendFailure.Rejected), "HTTP status 413")]
    [InlineData(
        422, WebhookProblem.TooManyChosen, "", nameof(BackendFailure.Rejected), "already has 4 chosen passwords")]
    [InlineData(302, "", "", nameof(BackendFailure.Unavailable), "redirect")]
    [InlineData(500, "", "", nameof(BackendFailure.Unavailable), "HTTP status 500")]
    [InlineData(502, "", "", nameof(BackendFailure.Unavailable), "HTTP status 502")]
    [InlineData(503, "", "", nameof(BackendFailure.Unavailable), "HTTP status 503")]
    [InlineData(429, "", "", nameof(BackendFailure.Busy), "HTTP status 429")]
    [InlineData(200, "", "", nameof(BackendFailure.Unavailable), "HTTP status 200")]
    public async Task Put_Answered_FailsAsItMeans(int status, string type, string detail, string failure, string says)
    {
        Script = call =>
            !HttpMethods.IsPut(call.Request.Method) ? Task.FromResult(false) : ProblemAsync(call, status, type, detail);

        MailBackendException e = await Assert.ThrowsAsync<MailBackendException>(() => PutAsync(Slot()));

        Assert.Equal(failure, e.Failure.ToString());
        Assert.Contains(says, e.Message);
    }

    [Theory]
    [InlineData("hash $2y$10$abcdefgh is weak")]
    [InlineData("ABCDEFGHIJKLMNOPQRSTUVWXYZ")] // a part of the hash
    [InlineData("Bearer the-token-of-the-operator")]
    [InlineData("token: THE-TOKEN")]
    public async Task Put_RefusedWithASecretInTheDetail_QuotesNothing(string detail)
    {
        Script = call => !HttpMethods.IsPut(call.Request.Method)
            ? Task.FromResult(false)
            : ProblemAsync(call, 422, "about:blank", detail);

        MailBackendException e = await Assert.ThrowsAsync<MailBackendException>(() => PutAsync(Slot()));

        Assert.Contains("its words are not shown", e.Message);
        Assert.DoesNotContain(detail, e.ToString());
    }

    [Fact]
    public async Task Put_RefusedAtLength_IsQuotedInPart()
    {
        Script = call => !HttpMethods.IsPut(call.Request.Method)
            ? Task.FromResult(false)
            : ProblemAsync(call, 422, "about:blank", new string('x', 4000));

        Assert.InRange(
            (await Assert.ThrowsAsync<MailBackendException>(() => PutAsync(Slot()))).Message.Length, 160, 320);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("{")]
    [InlineData("")]
    [InlineData("<html>")]
    [InlineData("""{"slots":null}""")]
    [InlineData("""{"slots":[null]}""")]
    [InlineData("""{"slots":[{}]}""")]
    [InlineData("""{"slots":[SLOT,SLOT]}""")]
    [InlineData("""{"slots":[NETWORK]}""")]
    [InlineData("""{"slots":[NUMBER]}""")]
    public async Task List_AnswerThatIsNotOfTheContract_IsUnavailableAndNotEmpty(string body)
    {
        // Mutant: an unreadable answer counts as an empty list, so that a revocation seems done.
        const string Good = """
            {"mailbox":"a@example.com","selector":"abcdef","chosen":false,"hash":"$2y$10$secretsecret",
            "deviceName":"shop/a","issuedAt":"2026-11-24T12:00:00Z","protocols":["IMAP"],"maySend":true,
            "allowedNetworks":[],"suspended":false,"retained":false}
            """;
        Script = call => AnswerWithAsync(call, 200, body.Replace("SLOT", Good, StringComparison.Ordinal)
            .Replace("NETWORK", Good.Replace("[]", "[null]", StringComparison.Ordinal), StringComparison.Ordinal)
            .Replace("NUMBER", Good.Replace("\"IMAP\"", "1", StringComparison.Ordinal), StringComparison.Ordinal));

        MailBackendException e = await Assert.ThrowsAsync<MailBackendException>(
            () => Backend.ListAsync(Owner, Cancellation));

        Assert.Equal(BackendFailure.Unavailable, e.Failure);
        Assert.Contains("does not match version 1 of the contract", e.Message);
        Assert.DoesNotContain("secretsecret", e.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("W/\"1\"")]
    public async Task Put_NoStrongTag_IsNotTried(string? tag)
    {
        Script = call => !HttpMethods.IsGet(call.Request.Method)
            || call.Request.Path.Value!.EndsWith("capabilities", StringComparison.Ordinal)
            ? Task.FromResult(false)
            : AnswerWithAsync(call, 200, """{"slots":[]}""", tag: tag);

        MailBackendException e = await Assert.ThrowsAsync<MailBackendException>(() => PutAsync(Slot()));

        Assert.Contains("ETag", e.Message);
        Assert.DoesNotContain(Requests, static request => request.StartsWith("PUT", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(404)]
    [InlineData(200)]
    [InlineData(302)]
    public async Task Remove_AnythingButDone_IsAFailure(int status)
    {
        // Mutant: the 404 of a wrong URL passes for a device without slots.
        Script = call => AnswerWithAsync(call, status, "");

        await Assert.ThrowsAsync<MailBackendException>(() => Backend.RemoveAsync(Owner, Cancellation));
    }

    [Fact]
    public async Task Call_HungUpOn_IsUnavailable()
    {
        Script = static call =>
        {
            call.Abort();
            return Task.FromResult(true);
        };

        MailBackendException e = await Assert.ThrowsAsync<MailBackendException>(
            () => Backend.ListAsync(Owner, Cancellation));

        Assert.Equal(BackendFailure.Unavailable, e.Failure);
        Assert.Contains("cannot be reached", e.Message);
    }

    [Fact]
    public async Task Call_ThatHangs_EndsWithTheCallersDeadline()
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        Script = call => HangAsync(call, then: deadline.Cancel);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Backend.ListAsync(Owner, deadline.Token));
    }

    [Fact]
    public async Task Call_ThatHangs_IsUnavailableInTime()
    {
        Script = call => HangAsync(call, then: () => Clock.Advance(WebhookClient.CallTimeout));

        MailBackendException e = await Assert.ThrowsAsync<MailBackendException>(
            () => Backend.ListAsync(Owner, Cancellation));

        Assert.Equal(BackendFailure.Unavailable, e.Failure);
        Assert.Contains("no answer within 10 s", e.Message);
    }

    [Fact]
    public async Task Redirection_IsNotFollowed()
    {
        Script = call =>
        {
            call.Response.Headers.Location = "/elsewhere";
            return AnswerWithAsync(call, 307, "");
        };

        await Assert.ThrowsAsync<MailBackendException>(() => Backend.ListAsync(Owner, Cancellation));

        Assert.Equal(["GET /base/v1/instances/one/devices/d1"], Requests);
    }

    [Fact]
    public async Task ListAll_PageThatLeadsToItself_Ends()
    {
        Script = call => call.Request.Path.Value!.EndsWith("devices", StringComparison.Ordinal)
            ? AnswerWithAsync(call, 200, """{"devices":[],"continue":"d1"}""")
            : Task.FromResult(false);

        Assert.Contains(
            "links to itself",
            (await Assert.ThrowsAsync<MailBackendException>(() => Backend.ListAllAsync("one", Cancellation))).Message);
    }

    [Theory]
    [InlineData(503, nameof(BackendFailure.Unavailable), false)]
    [InlineData(429, nameof(BackendFailure.Busy), false)]
    [InlineData(429, nameof(BackendFailure.Busy), true)]
    public async Task RetryAfter_IsHonouredByEveryCall(int status, string failure, bool isDate)
    {
        string retryAfter = isDate
            ? Clock.GetUtcNow().AddSeconds(30).ToString("R", System.Globalization.CultureInfo.InvariantCulture)
            : "30";
        Script = call =>
        {
            call.Response.Headers.RetryAfter = retryAfter;
            return AnswerWithAsync(call, status, "");
        };
        MailBackendException first = await Assert.ThrowsAsync<MailBackendException>(
            () => Backend.ListAsync(Owner, Cancellation));
        Clock.Advance(TimeSpan.FromSeconds(29));
        MailBackendException second = await Assert.ThrowsAsync<MailBackendException>(
            () => Backend.RemoveAsync(Owner, Cancellation));

        Assert.Equal((failure, failure), (first.Failure.ToString(), second.Failure.ToString()));
        Assert.Equal(first.Message, second.Message); // so that a status does not change
        Assert.Single(Requests);
        if (first.Failure == BackendFailure.Busy)
        {
            Assert.Equal((TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(1)), (first.RetryAfter, second.RetryAfter));
        }

        Script = static _ => Task.FromResult(false);
        Clock.Advance(TimeSpan.FromSeconds(1));
        await Backend.RemoveAsync(Owner, Cancellation);
    }

    [Fact]
    public async Task TooMuch_WithNothingLetThroughForAMinute_IsSaid()
    {
        // Mutant: a mail system that throttles everything is never reported.
        Script = call => AnswerWithAsync(call, 429, "");
        MailBackendException e = await Assert.ThrowsAsync<MailBackendException>(
            () => Backend.ListAsync(Owner, Cancellation));
        Assert.Equal(BackendFailure.Busy, e.Failure);

        Clock.Advance(RetryAfterGate.MaxSilence + TimeSpan.FromSeconds(1));
        e = await Assert.ThrowsAsync<MailBackendException>(() => Backend.ListAsync(Owner, Cancellation));

        Assert.Equal(BackendFailure.Unavailable, e.Failure);
        Script = static _ => Task.FromResult(false);
        Clock.Advance(RetryAfterGate.DefaultDelay);
        await Backend.ListAsync(Owner, Cancellation);
        Script = call => AnswerWithAsync(call, 429, "");
        Assert.Equal(
            BackendFailure.Busy,
            (await Assert.ThrowsAsync<MailBackendException>(() => Backend.ListAsync(Owner, Cancellation))).Failure);
    }

    private static async Task<bool> HangAsync(HttpContext call, Action then)
    {
        var end = new TaskCompletionSource<bool>();
        call.RequestAborted.Register(() => end.TrySetResult(true));
        then();
        return await end.Task;
    }
}
