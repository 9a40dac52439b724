using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using MailOperator.Tests.Infomaniak;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.UnitTests.Infomaniak;

/// <summary>
/// The server that stands for Infomaniak is as its description says: every answer that has a name there can be had.
/// </summary>
public sealed class InfomaniakServerTests : IAsyncLifetime
{
    private const string Box = "/1/mail_hostings/4711/mailboxes/box/accesses/devices";
    private const string Mine = "/1/mail_hostings/accesses/devices";

    private readonly FakeTimeProvider _clock = new();
    private readonly HttpClient _http = new();
    private InfomaniakServer _server = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EveryAnswer_OfTheDescription_CanBeHadAndFits()
    {
        InfomaniakUser ada = _server.Hosting.AddUser("ada");
        await SendAsync("POST", Box, """{"protocols":"imap","label":"first","type":"phone","user_id":USER}""".Replace(
            "USER", $"{ada.Id}", StringComparison.Ordinal));
        await SendAsync("POST", Box, """{"protocols":"pop3-imap","label":"second","user_id":null,"device_uid":null}""");
        InfomaniakAccess first = Access("first");
        InfomaniakAccess second = Access("second");
        Assert.Equal(["first", "second"], await LabelsAsync($"{Box}?with=device,user_access,creator"));
        Assert.Equal(["first"], await LabelsAsync($"{Box}/users/{ada.Id}?with=device"));
        await SendAsync("GET", $"/1/mail_hostings/4711/accesses/devices/users/{ada.Id}?with=accesses&page=1");
        await SendAsync("GET", Mine);

        await RefusedAsync(
            404, "object_not_found", "POST", Box.Replace("/box/", "/nobody/", StringComparison.Ordinal),
            """{"protocols":"imap"}""");
        await RefusedAsync(
            409, "device_already_has_access_to_mailbox", "POST", Box,
            $$"""{"protocols":"imap","device_id":{{second.Device.Id}}}""");
        await RefusedAsync(
            422, "existing_device_can_only_have_one_user", "POST", Box,
            $$"""{"protocols":"imap","device_id":{{first.Device.Id}}}""");
        await RefusedAsync(
            409, "device_already_exists", "PATCH", $"{Mine}/{second.Device.Id}", """{"label":"first"}""");
        await SendAsync("PATCH", $"{Mine}/{second.Device.Id}", """{"label":"renamed"}""");
        Assert.Equal("renamed", second.Device.Label);

        string before = second.Password;
        Assert.True(_server.Hosting.Accepts("box", "POP3", before));
        Assert.False(_server.Hosting.Accepts("box", "POP3", first.Password));
        JsonObject regenerated = await SendAsync("POST", $"{Box}/{second.Id}");
        Assert.Equal((false, true), (
            _server.Hosting.Accepts("box", "IMAP", before),
            _server.Hosting.Accepts("box", "IMAP", (string)regenerated["data"]!["password"]!)));

        InfomaniakAccess legacy = _server.Hosting.AddLegacy("box");
        foreach (string path in new[] { Box, $"{Box}/{legacy.Id}" })
        {
            await RefusedAsync(403, "legacy_device_deletion", "DELETE", path);
        }

        _server.Fault = static _ => InfomaniakFault.Answers(403, "legacy_device_deletion");
        await RefusedAsync(403, "legacy_device_deletion", "DELETE", $"{Box}/users/{ada.Id}");
        _server.Fault = static request =>
            InfomaniakFault.Answers(500, request.Method == "PATCH" ? "cannot_update_object" : "cannot_delete_object");
        foreach (string path in new[]
        {
            Box,
            $"{Box}/{second.Id}",
            $"{Box}/users/{ada.Id}",
            Mine,
            $"{Mine}/{first.Device.Id}",
        })
        {
            await RefusedAsync(500, "cannot_delete_object", "DELETE", path);
        }

        await RefusedAsync(500, "cannot_update_object", "PATCH", $"{Mine}/{first.Device.Id}", """{"label":"x"}""");
        _server.Fault = static _ => null;

        await SendAsync("DELETE", $"{Mine}/{legacy.Device.Id}");
        await SendAsync("DELETE", $"{Box}/users/{ada.Id}");
        await SendAsync("DELETE", $"{Box}/{second.Id}");
        await SendAsync("DELETE", Box);
        await SendAsync("DELETE", Mine);
        Assert.Empty(_server.Hosting.Accesses);
        Assert.Empty(_server.Violations);
        Assert.Equal(InfomaniakServer.Contract.Answers.Order(), _server.Exchanges.Select(Answered).Distinct().Order());
    }

    [Fact]
    public async Task List_Filters_AreKept()
    {
        InfomaniakUser ada = _server.Hosting.AddUser("ada");
        _server.Hosting.Create("box", "imap", "b phone", "phone", ada.Id, null, null);
        _server.Hosting.Create("box", "imap", "a phone", "phone", null, null, null);
        _server.Hosting.Create("box", "imap", "c tablet", "tablet", null, null, null);

        Assert.Equal(["a phone", "c tablet"], await LabelsAsync($"{Box}?with=device&no_user=true"));
        Assert.Equal(["b phone", "a phone"], await LabelsAsync($"{Box}?with=device&type=phone"));
        Assert.Equal(["b phone"], await LabelsAsync($"{Box}?with=device&user_id={ada.Id}"));
        Assert.Equal(["c tablet"], await LabelsAsync($"{Box}?with=device&search=TAB"));
        Assert.Equal(
            ["c tablet", "b phone", "a phone"], await LabelsAsync($"{Box}?with=device&order_by=label&order=desc"));
        JsonObject page = await SendAsync("GET", $"{Box}?with=device&page=2&per_page=2");
        Assert.Equal((3, 2, 2, 2, 1), (
            (int)page["total"]!, (int)page["page"]!, (int)page["pages"]!, (int)page["items_per_page"]!,
            page["data"]!.AsArray().Count));
        Assert.False((await SendAsync("GET", Box))["data"]![0]!.AsObject().ContainsKey("device"));
        Assert.Empty(_server.Violations);
    }

    [Fact]
    public async Task Access_LeakedAndUsed_IsShown()
    {
        InfomaniakAccess access = _server.Hosting.Create(
            "box", "imap", "one", null, _server.Hosting.AddUser("guest", maySend: false).Id, null, null);
        (access.Status, access.LastConnection) = ("leaked", DateTimeOffset.UnixEpoch.AddDays(1));

        JsonNode shown = (await SendAsync("GET", Box))["data"]![0]!;

        Assert.Equal(("leaked", 86400), ((string)shown["status"]!, (int)shown["last_connection"]!));
        Assert.False(_server.Hosting.Accepts("box", "SMTP", access.Password));
        Assert.Empty(_server.Violations);
    }

    [Fact]
    public async Task Request_ThatTheDescriptionDoesNotKnow_IsAViolation()
    {
        using HttpResponseMessage response = await CallAsync("POST", Box, """{"label":"no protocols"}""");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        Assert.Contains(
            _server.Violations, static violation => violation.Contains("protocols", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Fault_AnswerLost_HasBeenCarriedOut()
    {
        _server.Fault = static _ => InfomaniakFault.LosesAnswer;
        await Assert.ThrowsAnyAsync<HttpRequestException>(
            () => CallAsync("POST", Box, """{"protocols":"imap","label":"lost"}"""));
        _server.Fault = static _ => InfomaniakFault.LosesRequest;
        await Assert.ThrowsAnyAsync<HttpRequestException>(
            () => CallAsync("POST", Box, """{"protocols":"imap","label":"never"}"""));

        Assert.Equal("lost", Assert.Single(_server.Hosting.Accesses).Device.Label);
    }

    [Fact]
    public async Task Fault_Stalled_HasBeenCarriedOut()
    {
        _server.Fault = static _ => InfomaniakFault.Stalls;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        Task<HttpResponseMessage> call = CallAsync(
            "POST", Box, """{"protocols":"imap","label":"slow"}""", patience.Token);
        while (_server.Hosting.Accesses.Count == 0)
        {
            Cancellation.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        await patience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    [Fact]
    public async Task Fault_Answers_AreGiven()
    {
        foreach ((InfomaniakFault fault, int status, string result) in new[]
        {
            (InfomaniakFault.NotEligible, 501, "error"),
            (InfomaniakFault.ErrorIn200("cannot_create"), 200, "error"),
            (InfomaniakFault.Asynchronous, 200, "asynchronous"),
        })
        {
            _server.Fault = _ => fault;
            using HttpResponseMessage response = await CallAsync("GET", Box);
            Assert.Equal((status, result), (
                (int)response.StatusCode,
                (string)(await response.Content.ReadFromJsonAsync<JsonObject>(Cancellation))!["result"]!));
        }

        _server.Fault = static _ => InfomaniakFault.Garbage("<html>");
        using HttpResponseMessage garbage = await CallAsync("GET", Box);
        Assert.Equal("<html>", await garbage.Content.ReadAsStringAsync(Cancellation));
        _server.Fault = static _ => null;
        _http.DefaultRequestHeaders.Authorization = null;
        using HttpResponseMessage outside = await CallAsync("GET", Box);
        Assert.Equal(HttpStatusCode.Unauthorized, outside.StatusCode);
    }

    [Fact]
    public async Task Requests_BeyondTheLimit_AreRefusedUntilTheMinuteIsOver()
    {
        _server.LimitPerMinute = 3;
        for (int number = 0; number < 3; number++)
        {
            await SendAsync("GET", Box);
        }

        _clock.Advance(TimeSpan.FromSeconds(20));
        using (HttpResponseMessage refused = await CallAsync("GET", Box))
        {
            Assert.Equal(
                (HttpStatusCode.TooManyRequests, TimeSpan.FromSeconds(40)),
                (refused.StatusCode, refused.Headers.RetryAfter!.Delta));
        }

        _clock.Advance(TimeSpan.FromSeconds(40));
        await SendAsync("GET", Box);
        Assert.Equal(4, _server.MaxPerMinute);
    }

    public async ValueTask InitializeAsync()
    {
        _server = await InfomaniakServer.StartAsync(_clock);
        _server.Hosting.AddMailbox("box");
        _http.DefaultRequestHeaders.Authorization = new("Bearer", InfomaniakServer.Token);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
    }

    private InfomaniakAccess Access(string label) =>
        Assert.Single(_server.Hosting.Accesses, access => access.Device.Label == label);

    private async Task<string[]> LabelsAsync(string path) =>
        [.. (await SendAsync("GET", path))["data"]!
            .AsArray()
            .Select(static access => (string)access!["device"]!["label"]!)];

    private async Task<JsonObject> SendAsync(string method, string path, string? body = null)
    {
        using HttpResponseMessage response = await CallAsync(method, path, body);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<JsonObject>(Cancellation))!;
    }

    private async Task RefusedAsync(int status, string code, string method, string path, string? body = null)
    {
        using HttpResponseMessage response = await CallAsync(method, path, body);
        Assert.Equal((status, code), (
            (int)response.StatusCode,
            (string)(await response.Content.ReadFromJsonAsync<JsonObject>(Cancellation))!["error"]!["code"]!));
    }

    private async Task<HttpResponseMessage> CallAsync(
        string method, string path, string? body = null, CancellationToken? cancellationToken = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(_server.Url, path));
        request.Content = body is null ? null : new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        return await _http.SendAsync(request, cancellationToken ?? Cancellation);
    }

    /// <summary>As <see cref="MailOperator.Tests.OpenApi.OpenApiContract.Answers"/> names it.</summary>
    private static string Answered(MailOperator.Tests.OpenApi.HttpExchange exchange)
    {
        string[] steps = exchange.Path.Split('/');
        string[] names =
        [
            "", "1", "mail_hostings", "{service_mail}", "mailboxes", "{mailbox_name}", "accesses", "devices",
            "{device_access}",
        ];
        string path = steps switch
        {
            [_, _, _, "accesses", "devices"] => Mine,
            [_, _, _, "accesses", "devices", _] => $"{Mine}/{{device}}",
            [_, _, _, _, "accesses", ..] => "/1/mail_hostings/{service_mail}/accesses/devices/users/{user_id}",
            [.., "users", _] =>
                "/1/mail_hostings/{service_mail}/mailboxes/{mailbox_name}/accesses/devices/users/{user_id}",
            _ => string.Join('/', names.Take(steps.Length)),
        };
        return $"{exchange.Method} {path} {exchange.Status}";
    }
}
