using System.Net;
using System.Net.Sockets;
using System.Text;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Backends.Webhook;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Tests;

namespace MailOperator.IntegrationTests.Backends;

/// <summary>
/// The reference server that we ship. Every request and answer of every test is checked against the OpenAPI
/// description.
/// </summary>
public sealed class WebhookConformanceTests : HashConformance
{
    private readonly Dictionary<string, string> _secret = new() { ["token"] = WebhookServer.Token };
    private WebhookServer _server = null!;
    private bool _breaksTheContract;

    private FaultProxy _way = null!;

    [Fact]
    public async Task Apply_WhatIsThere_WritesNothing()
    {
        // Mutant: every reconcile of a device writes, and changes its ETag.
        await PutAsync(Slot("aaaaaa"), Slot("bbbbbb"));

        await PutAsync(Slot("bbbbbb"), Slot("aaaaaa"));

        Assert.Single(_server.Proxy.Exchanges, static exchange => exchange.Method == "PUT");
    }

    [Fact]
    public async Task Server_KilledInTheMiddle_HasEveryChangeWholeOrNotAtAll()
    {
        // Mutant: the reference server commits slot by slot.
        const int Devices = 60;
        const int Slots = 40; // enough that the server is killed within a change
        Task[] changes = [.. Enumerable.Range(0, Devices).Select(ChangeAsync)];
        await Eventually.TrueAsync(
            "some are done",
            () => Task.FromResult(_server.Proxy.Exchanges.Count(static exchange => exchange.Method == "PUT") > 5));
        await _server.KillAndRestartAsync();
        bool[] isFailed = await Task.WhenAll(changes.Select(static async change =>
        {
            await Task.WhenAny(change);
            return change.IsFaulted;
        }));

        int[] held = [.. (await Backend.ListAllAsync(Owner.Instance, Token))
            .GroupBy(static slot => slot.Owner)
            .Select(static device => device.Count())];
        Assert.All(held, static slots => Assert.Equal(Slots, slots));
        Assert.Contains(true, isFailed);
        Assert.InRange(held.Length, isFailed.Count(static one => !one), Devices);

        // Again: the first attempt left nothing in the way.
        await Task.WhenAll(Enumerable.Range(0, Devices).Select(ChangeAsync));
        Assert.Equal(Devices * Slots, (await Backend.ListAllAsync(Owner.Instance, Token)).Count);

        Task ChangeAsync(int number) => Backend.ApplyAsync(
            new SlotChange(Device(number), [.. Enumerable.Range(0, Slots)
                .Select(slot => Slot($"{number:D3}{slot:D3}") with { Owner = Device(number) })], []), Token);
    }

    [Fact]
    public async Task Apply_ByTwoOperatorsAtOnce_LosesNothing()
    {
        // Mutant: the reference server ignores If-Match, and the slower writer overwrites the faster one's change.
        IMailBackend other = Make();
        for (int round = 0; round < 5; round++)
        {
            await Task.WhenAll(
                Backend.ApplyAsync(new SlotChange(Owner, [Slot($"one{round:D3}")], []), Token),
                other.ApplyAsync(new SlotChange(Owner, [Slot($"two{round:D3}")], []), Token));
        }

        Assert.Equal(10, (await Backend.ListAsync(Owner, Token)).Count);
    }

    [Fact]
    public async Task ListAll_MoreThanAPage_IsAllOfThem()
    {
        const int Devices = 520; // a page has 500
        await Task.WhenAll(Enumerable.Range(0, Devices).Select(number =>
            Backend.ApplyAsync(
                new SlotChange(Device(number), [Slot($"n{number:D5}") with { Owner = Device(number) }], []), Token)));
        await Backend.ApplyAsync(new SlotChange(
            Owner with { Instance = "another" }, [Slot("theirs") with { Owner = Owner with { Instance = "another" } }],
            []), Token);

        IReadOnlyList<Slot> all = await Backend.ListAllAsync(Owner.Instance, Token);

        Assert.Equal(Devices, all.Select(static slot => slot.Owner).Distinct().Count());
        Assert.Equal(Devices, all.Count);
    }

    [Fact]
    public async Task List_LoginThatTheMailServerNoted_IsToldAndNoChange()
    {
        // Mutants: a put loses lastUsedAt; a login counts as another state, so that it causes a 412 or a write.
        await PutAsync(Slot("unused"), Slot("inused"));
        DateTimeOffset login = Slot("x").IssuedAt.AddDays(3);
        Slot used = Slot("inused") with { LastUsedAt = login };
        await ListedAsync(Backend, Owner, Slot("unused"), Slot("inused"));
        await _server.NoteLoginAsync("inused", login);

        await ListedAsync(Backend, Owner, Slot("unused"), used);
        Assert.Equal([used, Slot("unused")], Sorted(await Backend.ListAllAsync(Owner.Instance, Token)));
        await PutAsync(Slot("inused"), Slot("unused"));
        Assert.Single(_server.Proxy.Exchanges, static exchange => exchange.Method == "PUT");
        // Of none, and of these.
        Assert.Equal(
            2, _server.Proxy.Exchanges.Select(static exchange => exchange.Response.Headers.GetValueOrDefault("etag"))
                .OfType<string>()
                .Distinct()
                .Count());
        await PutAsync(Slot("newnew"));

        await ListedAsync(Backend, Owner, used, Slot("newnew"), Slot("unused"));
        Assert.DoesNotContain(_server.Proxy.Exchanges, static exchange =>
            exchange.Method == "PUT" && exchange.Request.Text.Contains("lastUsedAt", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Put_MailboxThatIsNotThere_SaysSo()
    {
        MailBackendException e = await Assert.ThrowsAsync<MailBackendException>(() =>
            Backend.ApplyAsync(new SlotChange(Owner, [Slot("aaaaaa") with { Mailbox = "a@example.net" }], []), Token));

        Assert.Equal(BackendFailure.MailboxNotFound, e.Failure);
        Assert.Contains("a@example.net is not in a domain of this server", e.Message);
    }

    [Fact]
    public async Task Answer_ThatBreaksTheContract_IsSeen()
    {
        // Shows that the check of all these tests works: a server that forgot a field would fail.
        _breaksTheContract = true;
        await PutAsync(Slot("aaaaaa"));
        _server.Proxy.Alters = static body =>
            body.Replace("\"retained\": false", "\"kept\": false", StringComparison.Ordinal);

        await Assert.ThrowsAsync<MailBackendException>(() => Backend.ListAsync(Owner, Token));

        Assert.Contains(
            _server.Proxy.Violations, static violation => violation.Contains("retained", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Content-Length: -1", true, "413")]
    [InlineData("Content-Length: 1048577", true, "413")]
    [InlineData("Content-Length: many", true, "400")]
    [InlineData("Content-Length: -1", false, "401")]
    [InlineData("Content-Length: 1048576", false, "401")]
    [InlineData("Transfer-Encoding: chunked", true, "411")]
    [InlineData("Transfer-Encoding: chunked", false, "401")]
    public async Task Body_ThatIsNotRead_IsAnsweredAtOnceAndEndsTheConnection(
        string header, bool hasToken, string status)
    {
        // Mutants: the reference server waits for a body for ever; it reads a body without a valid token; a chunked
        // body counts as none.
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _server.Port, Token);
        string token = hasToken ? $"Authorization: Bearer {WebhookServer.Token}\r\n" : "";
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            $"PUT /v1/instances/one/devices/d1 HTTP/1.1\r\nHost: localhost\r\n{token}{header}\r\n\r\n"), Token);

        using var reader = new StreamReader(client.GetStream());
        string answer = await reader.ReadToEndAsync(Token).WaitAsync(Eventually.Patience, Token);

        Assert.StartsWith($"HTTP/1.1 {status} ", answer);
        Assert.Contains("Connection: close", answer);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _server.DisposeAsync();
        if (!_breaksTheContract)
        {
            Assert.Empty(_server.Proxy.Violations);
        }
    }

    internal override ITrouble Trouble => _way;

    internal override IMailBackend Create() => Connect(_way.Port);

    internal override IMailBackend CreateAside() => Connect(_server.Proxy.Url.Port);

    protected override async Task StartAsync()
    {
        _server = await WebhookServer.StartAsync();
        _way = new FaultProxy(_server.Proxy.Url.Port);
    }

    protected override Task RestartServerAsync() => _server.KillAndRestartAsync();

    protected override Task LockOutAsync()
    {
        _secret["token"] = WrongSecret;
        return Task.CompletedTask;
    }

    protected override Task LetInAsync()
    {
        _secret["token"] = WebhookServer.Token;
        return Task.CompletedTask;
    }

    private IMailBackend Connect(int port) =>
        new WebhookDriver(new GivenSecret(_secret), TimeProvider.System).Create(new MailBackendSpec
        {
            Webhook = new WebhookSpec
            {
                Url = new UriBuilder(_server.Proxy.Url) { Port = port }.Uri.ToString(),
                AuthSecret = new ObjectReference { Name = "webhook" },
                Capabilities = Enum.GetValues<WebhookCapability>(),
            },
        });
}
