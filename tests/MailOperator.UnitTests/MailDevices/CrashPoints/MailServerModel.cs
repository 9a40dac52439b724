using System.Collections.Immutable;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailServers;
using MailOperator.Passwords;

namespace MailOperator.UnitTests.MailDevices.CrashPoints;

/// <summary>
/// A mail server with all that keeps a password of use after its end: it hears of a change late, it remembers whom it
/// let in, and sessions stay open. Clients log in with every password all the time.
/// </summary>
internal sealed class MailServerModel(World world)
{
    public static readonly TimeSpan PropagationDelay = TimeSpan.FromSeconds(2);

    private readonly Dictionary<string, DateTimeOffset> _acceptedUntil = [];
    private readonly Dictionary<string, DateTimeOffset> _heardOfAt = [];
    private readonly HashSet<string> _cached = [];
    private readonly HashSet<string> _sessions = [];

    /// <summary>Passwords, by selector, that a cache still lets in though the store does not.</summary>
    public IEnumerable<string> StaleVerdicts => _cached.Where(selector => !IsAccepted(selector));

    public IEnumerable<string> StaleSessions => _sessions.Where(selector => !IsAccepted(selector));

    /// <summary>How often it was told.</summary>
    public int Told { get; private set; }

    /// <summary>Until then it lets nobody in, whatever the store says, as one that reads another file.</summary>
    public DateTimeOffset RefusesUntil { get; set; }

    /// <summary>Until then it lets in what it ever did, as one that hears of nothing.</summary>
    public DateTimeOffset AcceptsAllUntil { get; set; }

    /// <summary>What it said to the latest login, if that was heard.</summary>
    public bool? LastWord { get; set; }

    /// <summary>Passwords, by selector, that it was seen to refuse in its latest word on them.</summary>
    public HashSet<string> Refused { get; } = [];

    /// <summary>Some login was not answered, so that a password may be handed out without its word.</summary>
    public bool HasHungUp { get; set; }

    /// <summary>A login with this password.</summary>
    public bool LetsIn(string password)
    {
        DateTimeOffset now = world.Clock.GetUtcNow();
        string selector = password[..AppPassword.SelectorLength];
        return RefusesUntil <= now
            && _heardOfAt.TryGetValue(selector, out DateTimeOffset heardOf) && heardOf <= now
            && (AcceptsAllUntil > now || IsAccepted(selector));
    }

    /// <summary>The operator has heard what it said to this password.</summary>
    public void Hear(string password, bool isIn)
    {
        string selector = password[..AppPassword.SelectorLength];
        if (isIn)
        {
            Refused.Remove(selector);
        }
        else
        {
            Refused.Add(selector);
        }
    }

    public void SlotsChanged()
    {
        HashSet<string> accepted = [.. world.Slots.Of(World.Owner).Where(static slot => !slot.Restrictions.IsSuspended).Select(static slot => slot.Selector)];
        foreach (string selector in _acceptedUntil.Keys.Except(accepted))
        {
            if (_acceptedUntil[selector] == DateTimeOffset.MaxValue)
            {
                _acceptedUntil[selector] = world.Clock.GetUtcNow() + PropagationDelay;
            }
        }

        foreach (string selector in accepted)
        {
            _acceptedUntil[selector] = DateTimeOffset.MaxValue;
            _heardOfAt.TryAdd(selector, world.Clock.GetUtcNow() + PropagationDelay);
        }

        LogIn();
    }

    public void Forget(ImmutableArray<string> mailboxes, bool endsSessions)
    {
        Told++;
        if (!mailboxes.Contains(World.Mailbox))
        {
            return;
        }

        _cached.Clear();
        if (endsSessions)
        {
            _sessions.Clear();
        }

        LogIn();
    }

    private void LogIn()
    {
        string[] welcome = [.. _acceptedUntil.Keys.Where(IsAccepted)];
        _cached.UnionWith(welcome);
        _sessions.UnionWith(welcome);
    }

    private bool IsAccepted(string selector) => _acceptedUntil[selector] > world.Clock.GetUtcNow();
}

/// <summary>One process's way to the server.</summary>
internal sealed class MemoryMailServers(MailServerModel server, Wire wire) : IMailServers
{
    public Task TellAsync(MailBackendSpec spec, ImmutableArray<string> mailboxes, bool endsSessions, CancellationToken cancellationToken) =>
        wire.CallAsync(
            endsSessions ? "doveadm flush, kick" : "doveadm flush",
            isWrite: true,
            () =>
            {
                server.Forget(mailboxes, endsSessions);
                return true;
            },
            static () => new MailBackendException(BackendFailure.Unavailable, "Dovecot hung up."));
}

/// <summary>One process's logins at the server.</summary>
internal sealed class MemoryMailLogins(MailServerModel server, Wire wire) : IMailLogins
{
    public async Task<LoginAnswer> TryAsync(
        ClientEndpoint endpoint, string username, AppPassword password, TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            server.LastWord = null;
            bool isIn = await wire.CallAsync("login", isWrite: false, () => server.LetsIn(password.Reveal()), static () => new IOException());
            server.LastWord = isIn;
            server.Hear(password.Reveal(), isIn);
            return isIn ? new LoginAnswer(LoginOutcome.Accepted, "it accepts it") : new LoginAnswer(LoginOutcome.Refused, "it refuses it");
        }
        catch (IOException)
        {
            server.HasHungUp = true;
            return new LoginAnswer(LoginOutcome.Unclear, "it hung up");
        }
    }
}
