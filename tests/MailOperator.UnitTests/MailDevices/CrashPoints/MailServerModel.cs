using System.Collections.Immutable;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailServers;
using MailOperator.Passwords;

namespace MailOperator.UnitTests.MailDevices.CrashPoints;

/// <summary>
/// A mail server on which a password can outlive its end: changes propagate late, verdicts are cached, and sessions
/// stay open. Clients log in with every password all the time.
/// </summary>
internal sealed class MailServerModel(World world)
{
    public static readonly TimeSpan PropagationDelay = TimeSpan.FromSeconds(2);

    private readonly Dictionary<string, DateTimeOffset> _acceptedUntil = [];
    private readonly Dictionary<string, DateTimeOffset> _acceptedFrom = [];
    private readonly HashSet<string> _cached = [];
    private readonly HashSet<string> _sessions = [];

    /// <summary>Selectors of passwords that a cache still accepts although the store does not.</summary>
    public IEnumerable<string> StaleVerdicts => _cached.Where(selector => !IsAccepted(selector));

    public IEnumerable<string> StaleSessions => _sessions.Where(selector => !IsAccepted(selector));

    /// <summary>How often it was notified.</summary>
    public int Notifications { get; private set; }

    /// <summary>Until then it refuses everybody, like a server that reads another file.</summary>
    public DateTimeOffset RefusesUntil { get; set; }

    /// <summary>Until then it accepts what it ever accepted, like a server that sees no change.</summary>
    public DateTimeOffset AcceptsAllUntil { get; set; }

    /// <summary>Its answer to the latest login; null if the operator did not get one.</summary>
    public bool? LastAnswer { get; set; }

    /// <summary>Selectors of passwords whose latest answer was a refusal.</summary>
    public HashSet<string> Refused { get; } = [];

    /// <summary>A login got no answer, so a password may be handed out unverified.</summary>
    public bool HasHungUp { get; set; }

    /// <summary>Answers a login with this password.</summary>
    public bool LetsIn(string password)
    {
        DateTimeOffset now = world.Clock.GetUtcNow();
        string selector = password[..AppPassword.SelectorLength];
        return RefusesUntil <= now
            && _acceptedFrom.TryGetValue(selector, out DateTimeOffset start) && start <= now
            && (AcceptsAllUntil > now || IsAccepted(selector));
    }

    /// <summary>Records an answer for this password that the operator got.</summary>
    public void Record(string password, bool isIn)
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
        HashSet<string> accepted = [.. world.Slots.Of(World.Owner)
            .Where(static slot => !slot.Restrictions.IsSuspended)
            .Select(static slot => slot.Selector)];
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
            _acceptedFrom.TryAdd(selector, world.Clock.GetUtcNow() + PropagationDelay);
        }

        LogIn();
    }

    public void Forget(ImmutableArray<string> mailboxes, bool endsSessions)
    {
        Notifications++;
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

/// <summary>One process's connection to the server.</summary>
internal sealed class MemoryMailServers(MailServerModel server, Wire wire) : IMailServers
{
    public Task<string?> SecretProblemAsync(MailBackendSpec spec, CancellationToken cancellationToken) =>
        Task.FromResult<string?>(null);

    public Task TellAsync(
        MailBackendSpec spec,
        ImmutableArray<string> mailboxes,
        bool endsSessions,
        CancellationToken cancellationToken) =>
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
        ClientEndpoint endpoint,
        string username,
        AppPassword password,
        TimeSpan timeout,
        CancellationToken cancellationToken)
    {
        try
        {
            server.LastAnswer = null;
            bool isIn = await wire.CallAsync(
                "login", isWrite: false, () => server.LetsIn(password.Reveal()), static () => new IOException());
            server.LastAnswer = isIn;
            server.Record(password.Reveal(), isIn);
            return isIn
                ? new LoginAnswer(LoginOutcome.Accepted, "it accepts it")
                : new LoginAnswer(LoginOutcome.Refused, "it refuses it");
        }
        catch (IOException)
        {
            server.HasHungUp = true;
            return new LoginAnswer(LoginOutcome.Unclear, "it hung up");
        }
    }
}
