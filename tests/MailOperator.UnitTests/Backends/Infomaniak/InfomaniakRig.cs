using System.Collections.Concurrent;
using System.Text;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Backends.Infomaniak;
using MailOperator.Passwords;
using MailOperator.Tests;
using MailOperator.Tests.Infomaniak;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.UnitTests.Backends.Infomaniak;

/// <summary>
/// The driver and a server as the API's description has it. However a test goes: nothing was sent that the description does
/// not have, nothing deleted but by its number, and what people made by hand is as it was.
/// </summary>
public abstract class InfomaniakRig : IAsyncLifetime
{
    internal const string Mailbox = "alerts@example.com";
    internal const string Other = "info@example.com";
    internal const string Base = "/1/mail_hostings/4711/mailboxes/alerts/accesses/devices";
    internal const string Create = $"POST {Base}";

    private InfomaniakBackend _backend = null!;
    private InfomaniakAccess[] _ofPeople = [];

    internal static SlotOwner Owner { get; } = new("cluster", "uid-1");

    internal static CancellationToken Token => TestContext.Current.CancellationToken;

    internal FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));

    internal InfomaniakServer Server { get; private set; } = null!;

    internal InfomaniakHosting Hosting => Server.Hosting;

    internal InfomaniakUser Ada { get; private set; } = null!;

    internal Dictionary<string, string> Secret { get; } = new() { ["token"] = InfomaniakServer.Token };

    internal IMailBackend Backend => _backend;

    internal IMailBackend View => For(Mailbox);

    /// <summary>What goes wrong with a request, given as <c>METHOD path</c>; null for nothing.</summary>
    internal Func<string, InfomaniakFault?> Fault { get; set; } = static _ => null;

    /// <summary>Each as <c>METHOD path</c>, those too that were lost.</summary>
    internal ConcurrentQueue<string> Requests { get; } = new();

    public async ValueTask InitializeAsync()
    {
        Server = await InfomaniakServer.StartAsync(Clock);
        Hosting.AddMailbox("alerts");
        Hosting.AddMailbox("info");
        Ada = Hosting.AddUser("ada");
        InfomaniakAccess phone = Hosting.Create("alerts", "imap", "Ada's phone [mailoperator", "phone", Ada.Id, null, null);
        Hosting.Create("info", "imap", null, null, Ada.Id, phone.Device.Id, null);
        Hosting.AddLegacy("alerts");
        Hosting.Create("alerts", "pop3-imap", "App [mailoperator another-cluster/uid-1:abcdef]", null, null, null, null);
        _ofPeople = [.. Hosting.Accesses];
        Server.Fault = request =>
        {
            string asked = $"{request.Method} {request.Path}";
            Requests.Enqueue(asked);
            return Fault(asked);
        };
        _backend = (InfomaniakBackend)new InfomaniakDriver(new GivenSecret(Secret), Clock).Create(new MailBackendSpec
        {
            Infomaniak = new InfomaniakSpec { ServiceId = InfomaniakHosting.Id, TokenSecret = new ObjectReference { Name = "infomaniak" }, Url = Server.Url.ToString() },
        });
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _backend.DisposeAsync();
        await Server.DisposeAsync();
        Assert.Empty(Server.Violations);
        Assert.All(Requests.Where(static request => request.StartsWith("DELETE", StringComparison.Ordinal)), static request =>
            Assert.Matches("/accesses/devices/[0-9]+$", request));
        Assert.Equal(_ofPeople, Hosting.Accesses.Where(_ofPeople.Contains));
    }

    internal IMailBackend For(string mailbox) => _backend.For(mailbox);

    internal static Slot Slot(string selector, string mailbox = Mailbox) => new()
    {
        Owner = Owner,
        Selector = selector,
        Mailbox = mailbox,
        Hash = "",
        IssuedAt = new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero),
        Restrictions = new SlotRestrictions { DeviceName = "Grafana alerts", Protocols = [MailProtocol.IMAP, MailProtocol.POP3, MailProtocol.SMTP] },
        Device = new DeviceDescription(DeviceType.Computer, null, null),
    };

    /// <summary>Has a password made, and lets so much time go by that the next look is a new one.</summary>
    internal async Task<string> IssueAsync(Slot slot)
    {
        using AppPassword password = await For(slot.Mailbox).Issuer!.IssueAsync(slot, Token);
        Clock.Advance(RecentLists.Age);
        return Encoding.UTF8.GetString(password.Bytes);
    }

    internal static Task<MailBackendException> FailureAsync(Func<Task> call) => Assert.ThrowsAsync<MailBackendException>(call);

    /// <summary>What becomes of the accesses that people have to a mailbox is the test's own affair.</summary>
    internal void Forget(string mailbox) => _ofPeople = [.. _ofPeople.Where(access => Hosting.Accesses.Contains(access) && access.Mailbox != mailbox)];

    /// <summary>The accesses that are not those of people.</summary>
    internal InfomaniakAccess[] Made() => [.. Hosting.Accesses.Where(access => !_ofPeople.Contains(access))];

    internal InfomaniakAccess MadeOne() => Assert.Single(Made());

    internal bool Accepts(string password) => Hosting.Accepts("alerts", "SMTP", password);

    internal int Count(string method) => Requests.Count(request => request.StartsWith(method, StringComparison.Ordinal));

    /// <summary>The fault for requests of a method.</summary>
    internal void On(string method, InfomaniakFault fault) => Fault = request => request.StartsWith(method, StringComparison.Ordinal) ? fault : null;

    /// <summary>It is done, and something else is said.</summary>
    internal static InfomaniakFault Says(string body, int status = 200) => new() { IsApplied = true, Status = status, Body = body };
}
