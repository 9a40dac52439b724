using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Backends.Infomaniak;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Passwords;
using MailOperator.Tests;
using MailOperator.Tests.Infomaniak;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.IntegrationTests.Backends;

/// <summary>
/// A server that follows the description of Infomaniak's API; every request and answer is checked against it.
/// </summary>
public sealed class InfomaniakConformanceTests : BackendConformance
{
    // The server's clock stands still, so that all passwords have one time. The driver's advances: a minute allows
    // sixty requests.
    private readonly FakeTimeProvider _serverClock = new(TestSlot.Of(default, "").IssuedAt);
    private readonly FakeTimeProvider _clock = new();
    private readonly Dictionary<string, string> _secret = new() { ["token"] = InfomaniakServer.Token };
    private InfomaniakServer _server = null!;
    private FaultProxy _way = null!;

    internal override ITrouble Trouble => _way;

    internal override IReadOnlyDictionary<ConformanceCase, string> Lacking { get; } =
        new Dictionary<ConformanceCase, string>
        {
            [ConformanceCase.Expire] = "The API knows no end of a password: the operator ends it.",
            [ConformanceCase.Suspend] =
                "The API cannot suspend a password: a device that is suspended is refused as Unsupported.",
            [ConformanceCase.Sweep] =
                "The API lists one mailbox at a time: what a device left in it is found when one of it looks.",
        };

    // The API has no transactions: a new password is made and found before the old one is removed.
    internal override bool IsWhole => false;

    internal override int BurstSize => 25;

    [Fact]
    public async Task Issue_Password_IsTheOneThatTheServerLetsIn()
    {
        using AppPassword password = await Backend.Issuer!.IssueAsync(Slot("aaaaaa"), Token);

        Assert.True(
            _server.Hosting.Accepts(Owner.Instance, "IMAP", System.Text.Encoding.UTF8.GetString(password.Bytes)));
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _server.DisposeAsync();
        Assert.Empty(_server.Violations);
        Assert.All(
            _server.Exchanges.Where(static exchange => exchange.Method == "DELETE"),
            static exchange => Assert.Matches("/accesses/devices/[0-9]+$", exchange.Path));
    }

    internal override IMailBackend Create() => Connect(_way.Port);

    internal override IMailBackend CreateAside() => Connect(_server.Url.Port);

    internal override Slot Slot(string selector) =>
        TestSlot.Of(Owner, selector) with
        {
            Hash = "",
            Device = new DeviceDescription(DeviceType.Computer, null, null),
        };

    internal override IEnumerable<SlotRestrictions> Scopes() =>
    [
        Plain,
        Plain with { Protocols = [MailProtocol.IMAP, MailProtocol.SMTP] },
        Plain with { Protocols = [MailProtocol.POP3, MailProtocol.SMTP] },
    ];

    internal override Task<Slot> UnacceptableAsync()
    {
        _server.Fault = static request =>
            request.Method == "POST" ? InfomaniakFault.Answers(422, "existing_device_can_only_have_one_user") : null;
        return Task.FromResult(Slot("refuse"));
    }

    /// <summary>
    /// Makes each change by itself, and ends passwords last. A password that nobody was told is made again.
    /// </summary>
    internal override async Task ChangeAsync(IMailBackend backend, SlotChange change)
    {
        _clock.Advance(TimeSpan.FromMinutes(1));
        HashSet<string> untold = [.. (await backend.ListAsync(change.Owner, Token))
            .Select(static slot => slot.Selector)
            .Intersect(change.Put.Select(static slot => slot.Selector))];
        await backend.ApplyAsync(new SlotChange(change.Owner, [], [.. untold]), Token);
        foreach (Slot slot in change.Put)
        {
            (await backend.Issuer!.IssueAsync(slot, Token)).Dispose();
        }

        await backend.ApplyAsync(new SlotChange(change.Owner, [], change.Remove), Token);
    }

    internal override Attempt RotationOf(SlotOwner owner, int number)
    {
        Slot old = Slot($"o{number:D5}") with { Owner = owner };
        Slot @new = Slot($"n{number:D5}") with { Owner = owner };
        return new Attempt(
            [old], backend => ChangeAsync(backend, new SlotChange(owner, [@new], [old.Selector])), [@new]);
    }

    // One after the other, so that the clock can be advanced when the limit of a minute is used up.
    internal override async Task BurstAsync(IReadOnlyList<Func<Task>> changes)
    {
        foreach (Func<Task> change in changes)
        {
            await change();
        }
    }

    protected override async Task StartAsync()
    {
        _server = await InfomaniakServer.StartAsync(_serverClock);
        _server.Hosting.AddMailbox(Owner.Instance);
        _way = new FaultProxy(_server.Url.Port);
    }

    // It keeps its state in memory, so only its connections are closed.
    protected override Task RestartServerAsync() => _way.RecoverAsync();

    protected override Task LockOutAsync()
    {
        _secret["token"] = WrongSecret;
        return Task.CompletedTask;
    }

    protected override Task LetInAsync()
    {
        _secret["token"] = InfomaniakServer.Token;
        return Task.CompletedTask;
    }

    private IMailBackend Connect(int port)
    {
        var backend = (InfomaniakBackend)new InfomaniakDriver(
            new GivenSecret(_secret), _clock).Create(new MailBackendSpec
            {
                Infomaniak = new InfomaniakSpec
                {
                    ServiceId = InfomaniakHosting.Id,
                    TokenSecret = new ObjectReference { Name = "infomaniak" },
                    Url = new UriBuilder(_server.Url) { Port = port }.Uri.ToString(),
                },
            });
        Keep(backend);
        return backend.For($"{Owner.Instance}@example.com");
    }
}
