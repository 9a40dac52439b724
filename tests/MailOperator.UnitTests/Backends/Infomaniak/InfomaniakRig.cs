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
/// The driver and a server that works as its API is described. Every test also checks that all requests match the
/// description, that a DELETE names one device by its number, and that devices made by hand are unchanged.
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

    /// <summary>The fault of a request, given as <c>METHOD path</c>; null for none.</summary>
    internal Func<string, InfomaniakFault?> Fault { get; set; } = static _ => null;

    /// <summary>Each as <c>METHOD path</c>, including lost ones.</summary>
    internal ConcurrentQueue<string> Requests { get; } = new();

    public async ValueTask InitializeAsync()
    {
        Server = await InfomaniakServer.StartAsync(Clock);
        Hosting.AddMailbox("alerts");
        Hosting.AddMailbox("info");
        Ada = Hosting.AddUser("ada");
        InfomaniakAccess phone = Hosting.Create(
            "alerts", "imap", "Ada's phone [mailoperator", "phone", Ada.Id, null, null);
        Hosting.Create("info", "imap", null, null, Ada.Id, phone.Device.Id, null);
        Hosting.AddLegacy("alerts");
        Hosting.Create(
            "alerts", "pop3-imap", "App [mailoperator another-cluster/uid-1:abcdef]", null, null, null, null);
        _ofPeople = [.. Hosting.Accesses];
        Server.Fault = request =>
        {
            string asked = $"{request.Method} {request.Path}";
            Requests.Enqueue(asked);
            return Fault(asked);
        };
        _backend = (InfomaniakBackend)new InfomaniakDriver(new GivenSecret(Secret), Clock).Create(new MailBackendSpec
        {
            Infomaniak = new InfomaniakSpec
            {
                ServiceId = InfomaniakHosting.Id,
                TokenSecret = new ObjectReference { Name = "infomaniak" },
                Url = Server.Url.ToString(),
            },
        });
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _backend.DisposeAsync();
        await Server.DisposeAsync();
        Assert.Empty(Server.Violations);
        Assert.All(
            Requests.Where(static request => request.StartsWith("DELETE", StringComparison.Ordinal)), static request =>
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
        Restrictions = new SlotRestrictions
        {
            DeviceName = "Grafana alerts",
            Protocols = [MailProtocol.IMAP, MailProtocol.POP3, MailProtocol.SMTP],
        },
        Device = new DeviceDescription(DeviceType.Computer, null, null),
    };

    /// <summary>Issues a password, and advances the clock so that the next look reads the list again.</summary>
    internal async Task<string> IssueAsync(Slot slot)
    {
        using AppPassword password = await For(slot.Mailbox).Issuer!.IssueAsync(slot, Token);
        Clock.Advance(RecentLists.Age);
        return Encoding.UTF8.GetString(password.Bytes);
    }

    internal static Task<MailBackendException> FailureAsync(Func<Task> call) =>
        Assert.ThrowsAsync<MailBackendException>(call);

    /// <summary>Stops the check that people's accesses to this mailbox are unchanged.</summary>
    internal void Forget(string mailbox) =>
        _ofPeople = [.. _ofPeople.Where(access => Hosting.Accesses.Contains(access) && access.Mailbox != mailbox)];

    /// <summary>The accesses that the operator made.</summary>
    internal InfomaniakAccess[] Made() => [.. Hosting.Accesses.Where(access => !_ofPeople.Contains(access))];

    internal InfomaniakAccess MadeOne() => Assert.Single(Made());

    internal bool Accepts(string password) => Hosting.Accepts("alerts", "SMTP", password);

    internal int Count(string method) =>
        Requests.Count(request => request.StartsWith(method, StringComparison.Ordinal));

    /// <summary>The fault for requests of a method.</summary>
    internal void On(string method, InfomaniakFault fault) =>
        Fault = request => request.StartsWith(method, StringComparison.Ordinal) ? fault : null;

    /// <summary>The request is executed, but another answer is sent.</summary>
    internal static InfomaniakFault Says(string body, int status = 200) =>
        new() { IsApplied = true, Status = status, Body = body };
}
