using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Backends.Ldap;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Tests;

namespace MailOperator.IntegrationTests.Backends;

/// <summary>The driver at a directory that tests may change.</summary>
public abstract class LdapTest : IAsyncLifetime
{
    private readonly List<IMailBackend> _made = [];
    private DirectoryServer? _server;

    internal static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>An owner of this test alone.</summary>
    internal SlotOwner Owner { get; } = TestSlot.NewOwner();

    internal Dictionary<string, string> Secret { get; } = new() { ["username"] = DirectoryServer.OperatorDn };

    internal DirectoryServer Server => _server!;

    public async ValueTask InitializeAsync() => Use(await DirectoryServer.GetAsync());

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (IMailBackend made in _made)
        {
            await ((IAsyncDisposable)made).DisposeAsync();
        }
    }

    internal Slot Slot(string selector) => TestSlot.Of(Owner, selector);

    /// <summary>A backend on the server, disposed of after the test.</summary>
    internal IMailBackend Make(Action<LdapSpec>? change = null)
    {
        LdapSpec spec = Server.Spec;
        change?.Invoke(spec);
        IMailBackend made = new LdapDriver(new GivenSecret(Secret)).Create(new MailBackendSpec { Ldap = spec });
        _made.Add(made);
        return made;
    }

    /// <summary>A server that this test alone has, from here on.</summary>
    internal async Task<DirectoryServer> OwnServerAsync()
    {
        Use(await DirectoryServer.StartAsync());
        return Server;
    }

    private void Use(DirectoryServer server)
    {
        _server = server;
        Secret["password"] = server.OperatorPassword;
    }
}
