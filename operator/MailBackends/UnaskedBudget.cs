using MailOperator.Backends;

namespace MailOperator.MailBackends;

/// <summary>
/// Limits passwords that nobody asked for: an interval is over, or a Secret was edited or deleted. Without a limit
/// anyone who may write Secrets could cause any number of writes to a backend; with one for all, they could make others
/// wait. So a device has one of its own (<see cref="Replacements"/>), then its namespace, and then its backend
/// (<see cref="BackendBudget"/>). A restart forgets everything: each begins with a full burst. Thread-safe.
/// </summary>
internal sealed class UnaskedBudget(TimeProvider clock)
{
    /// <summary>Passwords a minute and backend, if the spec sets no limit.</summary>
    public const int DefaultPerMinute = 60;

    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly long _began = clock.GetTimestamp();
    private readonly Dictionary<string, BackendBudget> _backends = new(StringComparer.Ordinal);
    private readonly Replacements _replacements = new();
    private TimeSpan _sweptAt;

    /// <summary>How many devices, namespaces and backends are remembered.</summary>
    public int Remembered
    {
        get
        {
            lock (_gate)
            {
                return _replacements.Count + _backends.Values.Sum(static one => one.Namespaces + 1);
            }
        }
    }

    /// <summary>Takes one password out of the budgets.</summary>
    /// <param name="request">Who wants it.</param>
    /// <param name="perMinute">The limit of the MailBackend, at least 1.</param>
    /// <exception cref="MailBackendException">
    /// There is none left: Busy, with the time to ask again. Until then it is kept for this device.
    /// </exception>
    public void Take(UnaskedRequest request, int perMinute)
    {
        lock (_gate)
        {
            TimeSpan now = Now();
            Sweep(now);
            if (!request.IsScheduled && _replacements.Left(request.Device, now) is { Ticks: > 0 } wait)
            {
                throw Busy(
                    "This device's Secret is edited or deleted again and again, so it is replaced less and less often. "
                    + "Find out who writes it and stop that.",
                    wait);
            }

            BackendBudget backend = BudgetOf(request.Backend, perMinute);
            BudgetAnswer answer = backend.Take(request, now);
            if (answer.Stage != BudgetStage.None)
            {
                throw Busy(Explain(answer.Stage, request, backend), answer.Wait);
            }
        }
    }

    /// <summary>The device got a new password because its Secret or its slot was tampered with.</summary>
    public void Replaced(string device)
    {
        lock (_gate)
        {
            _replacements.Add(device, Now());
        }
    }

    // The message has no time, so that a status is not written each time that its device looks.
    private static string Explain(BudgetStage stage, UnaskedRequest request, BackendBudget backend) =>
        stage == BudgetStage.Namespace
            ? $"Namespace '{request.Namespace}' has used its share, {backend.SharePerMinute:0.##} a minute, of the "
                + $"passwords that MailBackend '{request.Backend}' replaces without being asked."
            : $"MailBackend '{request.Backend}' has replaced its {backend.PerMinute} passwords a minute that nobody "
                + "asked for (spec.maxRotationsPerMinute).";

    private static MailBackendException Busy(string message, TimeSpan wait) =>
        new(BackendFailure.Busy, message) { RetryAfter = wait };

    private TimeSpan Now() => clock.GetElapsedTime(_began);

    private BackendBudget BudgetOf(string name, int perMinute)
    {
        if (!_backends.TryGetValue(name, out BackendBudget? budget) || budget.PerMinute != perMinute)
        {
            _backends[name] = budget = new BackendBudget(perMinute, clock);
        }

        return budget;
    }

    private void Sweep(TimeSpan now)
    {
        if (now - _sweptAt < SweepInterval)
        {
            return;
        }

        _sweptAt = now;
        _replacements.Sweep(now);
        foreach ((string name, BackendBudget budget) in _backends.ToArray())
        {
            budget.Sweep(now);
            if (budget.IsIdle(now))
            {
                _backends.Remove(name);
            }
        }
    }
}
