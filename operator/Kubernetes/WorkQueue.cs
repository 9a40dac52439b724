namespace MailOperator.Kubernetes;

/// <summary>Keys of the first lane are taken before keys of the second.</summary>
internal enum QueueLane
{
    Change,
    Resync,
}

/// <summary>
/// Hands items to workers, as client-go's work queue: an item is queued at most once, and no two workers hold the same
/// item. An item added while a worker holds it waits until that worker is done. A Channel does neither. Thread-safe.
/// </summary>
internal sealed class WorkQueue<T> : IDisposable
    where T : notnull
{
    /// <summary>Timers take no more than about 49 days; a reconcile that comes early does no harm.</summary>
    public static readonly TimeSpan MaxDelay = TimeSpan.FromDays(1);

    private readonly Lock _gate = new();
    private readonly TimeProvider _clock;
    private readonly Queue<T>[] _lanes = [new(), new()];
    private readonly Dictionary<T, Waiting> _waiting = [];
    private readonly HashSet<T> _processing = [];
    private readonly Dictionary<T, Delayed> _delayed = [];
    private readonly PriorityQueue<T, long> _due = new();
    private readonly SemaphoreSlim _available = new(0);
    private readonly ITimer _timer;

    public WorkQueue(TimeProvider clock)
    {
        _clock = clock;
        _timer = clock.CreateTimer(
            static queue => ((WorkQueue<T>)queue!).ReleaseDue(), this, Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
    }

    /// <summary>Called with each item that begins to wait. Must be quick: it runs under the lock.</summary>
    public Action? Added { get; set; }

    /// <summary>Called with the time that an item waited for a worker. Must be quick: it runs under the lock.</summary>
    public Action<TimeSpan>? Taken { get; set; }

    /// <summary>Items that a worker could take now.</summary>
    public int ReadyCount
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count(pair => !_processing.Contains(pair.Key));
            }
        }
    }

    public int DelayedCount
    {
        get
        {
            lock (_gate)
            {
                return _delayed.Count;
            }
        }
    }

    /// <summary>How long the item at the front has waited for a worker.</summary>
    public TimeSpan OldestReadyAge
    {
        get
        {
            lock (_gate)
            {
                long oldest = _waiting.Where(pair => !_processing.Contains(pair.Key))
                    .Select(static pair => pair.Value.Since).DefaultIfEmpty(_clock.GetTimestamp()).Min();
                return _clock.GetElapsedTime(oldest);
            }
        }
    }

    public void Add(T item, QueueLane lane = QueueLane.Change)
    {
        lock (_gate)
        {
            AddLocked(item, lane);
        }
    }

    /// <summary>Adds the item after the delay; of several delays the shortest counts.</summary>
    public void AddAfter(T item, TimeSpan delay, QueueLane lane = QueueLane.Change)
    {
        if (delay <= TimeSpan.Zero)
        {
            Add(item, lane);
            return;
        }

        TimeSpan capped = delay < MaxDelay ? delay : MaxDelay;
        long due = _clock.GetTimestamp() + (long)(capped.TotalSeconds * _clock.TimestampFrequency);
        lock (_gate)
        {
            if (_delayed.TryGetValue(item, out Delayed known) && known.Due <= due)
            {
                return;
            }

            _delayed[item] = new Delayed(due, lane);
            _due.Enqueue(item, due);
            SetTimerLocked();
        }
    }

    /// <summary>Waits for an item. The caller must call <see cref="Done"/> for it.</summary>
    public async ValueTask<T> TakeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await _available.WaitAsync(cancellationToken);
            if (cancellationToken.IsCancellationRequested)
            {
                _available.Release(); // the semaphore may grant a wait that is canceled at the same moment
                cancellationToken.ThrowIfCancellationRequested();
            }

            lock (_gate)
            {
                if (TryTakeLocked(out T? item))
                {
                    return item;
                }
            }
        }
    }

    public void Done(T item)
    {
        lock (_gate)
        {
            _processing.Remove(item);
            if (_waiting.TryGetValue(item, out Waiting waiting))
            {
                EnqueueLocked(item, waiting.Lane);
            }
        }
    }

    public void Dispose()
    {
        _timer.Dispose();
        _available.Dispose();
    }

    private void AddLocked(T item, QueueLane lane)
    {
        if (_waiting.TryGetValue(item, out Waiting waiting))
        {
            if (lane >= waiting.Lane)
            {
                return;
            }

            _waiting[item] = waiting with { Lane = lane };
        }
        else
        {
            _waiting[item] = new Waiting(lane, _clock.GetTimestamp());
            Added?.Invoke();
        }

        if (!_processing.Contains(item))
        {
            EnqueueLocked(item, lane);
        }
    }

    private void EnqueueLocked(T item, QueueLane lane)
    {
        _lanes[(int)lane].Enqueue(item);
        _available.Release();
    }

    private bool TryTakeLocked([System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out T item)
    {
        foreach (Queue<T> lane in _lanes)
        {
            while (lane.TryDequeue(out T? candidate))
            {
                // An item that moved up a lane is still in its old one, where this skips it.
                if (_waiting.TryGetValue(candidate, out Waiting waiting) && _processing.Add(candidate))
                {
                    _waiting.Remove(candidate);
                    Taken?.Invoke(_clock.GetElapsedTime(waiting.Since));
                    item = candidate;
                    return true;
                }
            }
        }

        item = default;
        return false;
    }

    private void ReleaseDue()
    {
        lock (_gate)
        {
            long now = _clock.GetTimestamp();
            while (_due.TryPeek(out T? item, out long due) && due <= now)
            {
                _due.Dequeue();
                if (_delayed.TryGetValue(item, out Delayed delayed) && delayed.Due == due)
                {
                    _delayed.Remove(item);
                    AddLocked(item, delayed.Lane);
                }
            }

            SetTimerLocked();
        }
    }

    private void SetTimerLocked()
    {
        if (!_due.TryPeek(out _, out long due))
        {
            return;
        }

        TimeSpan wait = _clock.GetElapsedTime(_clock.GetTimestamp(), due);
        // Timers count in whole milliseconds and may fire early by a part of one.
        _timer.Change(
            wait > TimeSpan.Zero ? wait + TimeSpan.FromMilliseconds(1) : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private readonly record struct Waiting(QueueLane Lane, long Since);

    private readonly record struct Delayed(long Due, QueueLane Lane);
}
