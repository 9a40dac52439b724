using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Backends.Webhook;
using Microsoft.AspNetCore.Http;

namespace MailOperator.UnitTests.Backends.Webhook;

public sealed class WebhookBackendTests : ScriptedWebhook
{
    private const string Retained = $$"""
        {"mailbox":"a@example.com","selector":"abcdef","chosen":false,"hash":"{{Hash}}",
        "deviceName":"shop/a","issuedAt":"2026-11-24T12:00:00Z","protocols":["IMAP","POP3","SMTP"],"maySend":true,
        "allowedNetworks":[],"suspended":false,"retained":false}
        """;

    [Fact]
    public void Capabilities_AreWhatEveryOneMustAndThoseOfTheSpec()
    {
        const BackendCapabilities Always = BackendCapabilities.Hash | BackendCapabilities.Overlap
            | BackendCapabilities.List;
        Assert.Equal(Always, Make([]).Capabilities);
        Assert.Equal(
            Always | BackendCapabilities.Networks | BackendCapabilities.Expiry,
            Make([WebhookCapability.Expiry, WebhookCapability.Networks]).Capabilities);
        foreach (WebhookCapability one in Enum.GetValues<WebhookCapability>())
        {
            Assert.Equal($"{Always | Enum.Parse<BackendCapabilities>($"{one}")}", $"{Make([one]).Capabilities}");
        }
    }

    [Fact]
    public async Task Probe_MailSystemOffersLess_SaysWhat()
    {
        Offer("Protocols", "Expiry");

        MailBackendException e = await Assert.ThrowsAsync<MailBackendException>(
            () => Backend.ListAllAsync("one", Cancellation));

        Assert.Equal(BackendFailure.Rejected, e.Failure);
        Assert.Contains("does not declare SendRight, Networks, ChosenPassword", e.Message);
        await Make([WebhookCapability.Expiry]).ListAllAsync("one", Cancellation);
    }

    [Fact]
    public async Task Put_OfWhatIsNotOffered_IsNotGivenAway()
    {
        // Mutant: trusts the spec, so that a password works from every network.
        Offer("Protocols");
        SlotRestrictions plain = Slot().Restrictions;
        foreach (Slot slot in new[]
        {
            Slot() with { IsChosen = true },
            Slot() with { NotAfter = Slot().IssuedAt },
            Slot() with { Restrictions = plain with { MaySend = false } },
            Slot() with { Restrictions = plain with { AllowedNetworks = ["10.0.0.0/8"] } },
        })
        {
            Assert.Equal(
                BackendFailure.Rejected,
                (await Assert.ThrowsAsync<MailBackendException>(() => PutAsync(slot))).Failure);
        }

        Assert.Equal("GET /base/v1/capabilities", Assert.Single(Requests)); // asked once
        await PutAsync(Slot() with { Restrictions = plain with { Protocols = [MailProtocol.IMAP] } });
    }

    [Fact]
    public async Task Refusal_IsNeverHeldUpByWhatIsOffered()
    {
        // Mutant: a mail system that stops enforcing networks blocks the revocation of a leaked password.
        Offer();
        Slot ended = Slot() with
        {
            Restrictions = Slot().Restrictions with { AllowedNetworks = ["10.0.0.0/8"], IsSuspended = true },
            End = new SlotEnd(Slot().IssuedAt, EndsSessions: true),
        };

        await PutAsync(ended);
        await Backend.RemoveAsync(Owner, Cancellation);

        Assert.DoesNotContain("GET /base/v1/capabilities", Requests);
    }

    [Fact]
    public async Task Apply_WhatIsThereAlready_PutsNothing()
    {
        // After a lost answer the same change is repeated.
        Script = call => HttpMethods.IsGet(call.Request.Method)
            ? AnswerWithAsync(call, 200, $$"""{"slots":[{{Retained}}]}""")
            : Task.FromResult(false);

        await Backend.ApplyAsync(new SlotChange(Owner, [Slot()], ["gone00"]), Cancellation);

        Assert.Equal(["GET /base/v1/instances/one/devices/d1"], Requests);
    }

    [Fact]
    public async Task Apply_ChangedByAnotherMeanwhile_IsMadeFromTheNewState()
    {
        // Mutant: a retry puts the state of the first read, which overwrites what another operator pushed since.
        string? put = null;
        Script = async call =>
        {
            if (HttpMethods.IsGet(call.Request.Method))
            {
                bool isLater = Requests.Any(static request => request.StartsWith("PUT", StringComparison.Ordinal));
                return await AnswerWithAsync(call, 200, isLater
                    ? $$"""{"slots":[{{Retained}}]}"""
                    : """{"slots":[]}""", tag: isLater ? "\"2\"" : "\"1\"");
            }

            put = await new StreamReader(call.Request.Body).ReadToEndAsync(Cancellation);
            return await AnswerWithAsync(call, call.Request.Headers.IfMatch == "\"2\"" ? 204 : 412, "");
        };

        await PutAsync(Slot("ghijkl"));

        Assert.Contains("abcdef", put);
        Assert.Contains("ghijkl", put);
    }

    [Fact]
    public async Task Apply_ChangedByAnotherEachTime_GivesUp()
    {
        Script = call =>
            HttpMethods.IsPut(call.Request.Method) ? AnswerWithAsync(call, 412, "") : Task.FromResult(false);

        Assert.Equal(
            BackendFailure.Unavailable,
            (await Assert.ThrowsAsync<MailBackendException>(() => PutAsync(Slot()))).Failure);
        Assert.Equal(5, Requests.Count(static request => request.StartsWith("PUT", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task ListAll_SeveralPages_IsAllOfThem()
    {
        Script = call => !call.Request.Path.Value!.EndsWith("devices", StringComparison.Ordinal)
            ? Task.FromResult(false)
            : AnswerWithAsync(call, 200, call.Request.Query["continue"].ToString() switch
            {
                "" => $$"""{"devices":[{"deviceUid":"d1","slots":[{{Retained}}]}],"continue":"a&b"}""",
                "a&b" => $$"""{"devices":[{"deviceUid":"d2","slots":[{{Retained}}]}]}""",
                _ => "no",
            });

        Assert.Equal(
            ["d1", "d2"],
            (await Backend.ListAllAsync("one", Cancellation)).Select(static slot => slot.Owner.DeviceUid));
    }

    [Fact]
    public async Task ListAll_PagesWithoutEnd_EndsAtTheBoundOverAllOfThem()
    {
        // Mutant: bounds each page only. Pages of 100 kB would fill the memory for as long as the server likes.
        int pages = 0;
        Script = call => AnswerWithAsync(
            call, 200, $$"""{"devices":[],"continue":"{{++pages}}","padding":"{{new string('x', 100_000)}}"}""");
        await using WebhookClient client = Client(maxListing: 1 << 20);

        MailBackendException e = await Assert.ThrowsAsync<MailBackendException>(
            () => client.ListAsync("one", Cancellation));

        Assert.Contains("more than 1 MiB over its pages", e.Message);
        Assert.Equal(11, pages);
    }

    [Fact]
    public async Task Offer_OfAnotherVersion_IsNotUsed()
    {
        Script = call => AnswerWithAsync(call, 200, """{"version":2,"capabilities":[]}""");

        Assert.Contains(
            "another version",
            (await Assert.ThrowsAsync<MailBackendException>(() => Backend.ListAllAsync("one", Cancellation))).Message);
    }

    [Theory]
    [InlineData("{}", "neither the key 'token'")]
    [InlineData("""{"tls.crt": "x"}""", "only one of the keys")]
    [InlineData("""{"token": "a b"}""", "with an invalid character")]
    [InlineData("""{"tls.crt": "x", "tls.key": "y"}""", "sent over https only")]
    public async Task Secret_ThatIsOfNoUse_SaysWhy(string secret, string says)
    {
        Secret.Clear();
        foreach ((string key, string value) in System.Text.Json.JsonSerializer.Deserialize<Dictionary<string, string>>(
            secret)!)
        {
            Secret[key] = value;
        }

        MailBackendException e = await Assert.ThrowsAsync<MailBackendException>(
            () => Backend.ListAsync(Owner, Cancellation));

        Assert.Equal(BackendFailure.Unauthorized, e.Failure);
        Assert.Contains(says, e.Message);
        Assert.Contains("mail-operator/webhook", e.Message);
        Assert.Empty(Requests);
    }

    [Fact]
    public async Task Token_ChangedInTheSecret_IsUsedWhereTheOldOneIsRefused()
    {
        string accepted = Token;
        Script = call => call.Request.Headers.Authorization == $"Bearer {accepted}"
            ? Task.FromResult(false)
            : AnswerWithAsync(call, 401, "");
        await Backend.ListAsync(Owner, Cancellation);
        accepted = "another-token";
        Assert.Equal(
            BackendFailure.Unauthorized,
            (await Assert.ThrowsAsync<MailBackendException>(() => Backend.ListAsync(Owner, Cancellation))).Failure);

        Secret["token"] = accepted;

        await Backend.ListAsync(Owner, Cancellation);
    }

    [Theory]
    [InlineData("https://mail.example.com/x", "webhook", null, null)]
    [InlineData("mail.example.com", "webhook", null, "spec.webhook.url")]
    [InlineData("ftp://mail.example.com", "webhook", null, "spec.webhook.url")]
    [InlineData("https://mail.example.com?a=b", "webhook", null, "spec.webhook.url")]
    [InlineData("https://u:secret@mail.example.com", "webhook", null, "spec.webhook.url 'https://mail.example.com'")]
    [InlineData("https://mail.example.com", "Web_hook", null, "spec.webhook.authSecret")]
    [InlineData("https://mail.example.com", "webhook", "no certificate", "spec.webhook.caBundle")]
    public void Validate_Spec_SaysWhatIsWrong(string url, string secret, string? bundle, string? says)
    {
        var spec = new MailBackendSpec
        {
            Webhook = new WebhookSpec
            {
                Url = url,
                AuthSecret = new ObjectReference { Name = secret },
                CaBundle = bundle is null ? null : System.Text.Encoding.ASCII.GetBytes(bundle),
            },
        };

        string[] problems = [.. new WebhookDriver(null!, TimeProvider.System).Validate(spec)];

        Assert.Equal(says is null ? 0 : 1, problems.Length);
        Assert.All(problems, problem => Assert.Contains(says!, problem));
        Assert.All(problems, static problem => Assert.DoesNotContain("secret@", problem));
    }

    private void Offer(params string[] capabilities)
    {
        string offered = string.Join(',', capabilities.Select(static one => $"\"{one}\""));
        Script = call => call.Request.Path.Value!.EndsWith("capabilities", StringComparison.Ordinal)
            ? AnswerWithAsync(call, 200, $$"""{"version":1,"capabilities":[{{offered}}]}""")
            : Task.FromResult(false);
    }
}
