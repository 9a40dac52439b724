using System.Threading.Channels;

namespace MailOperator.Backends.PasswdFile;

/// <summary>
/// Credentials in a Dovecot passwd-file. One loop owns the file: changes that arrive while it writes go into the next
/// write together, so a burst of devices costs a few writes and not one each.
/// </summary>
internal sealed class PasswdFileBackend : IMailBackend, IAsyncDisposable
{
    private const int MaxConflicts = 20;

    private readonly IPasswdFileTarget _target;
    private readonly LoginLog? _logins;
    private readonly TimeProvider _clock;
    private readonly Channel<PasswdFileRequest> _requests =
        Channel.CreateUnbounded<PasswdFileRequest>(new UnboundedChannelOptions { SingleReader = true });
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;

    private PasswdFileDocument? _document;
    private string? _version;
    private long _writtenAt;
    private long _readAt;

    public PasswdFileBackend(IPasswdFileTarget target, TimeProvider clock, LoginLog? logins = null)
    {
        _logins = logins;
        _target = target;
        _clock = clock;
        _writtenAt = clock.GetTimestamp() - (long)(target.WriteInterval.TotalSeconds * clock.TimestampFrequency);
        _loop = RunAsync();
    }

    // A passwd-file has no expiry dates: the operator ends slots.
    public BackendCapabilities DeclaredCapabilities =>
        BackendCapabilities.Overlap | BackendCapabilities.Protocols | BackendCapabilities.SendRight
        | BackendCapabilities.Networks | BackendCapabilities.List | BackendCapabilities.ChosenPassword;

    public IPasswordIssuer? Issuer => null;

    public IDeviceUses? Uses => _logins;

    public TimeSpan PropagationDelay => _target.PropagationDelay;

    /// <summary>Number of writes of the file so far.</summary>
    public long Writes { get; private set; }

    public async Task<IReadOnlyList<Slot>> ListAsync(SlotOwner owner, CancellationToken cancellationToken)
    {
        var list = new PasswdFileRequest.List(document => document.SlotsOf(owner));
        await EnqueueAsync(list, cancellationToken);
        return list.Slots;
    }

    public async Task<IReadOnlyList<Slot>> ListAllAsync(string instance, CancellationToken cancellationToken)
    {
        var list = new PasswdFileRequest.List(document => document.SlotsOf(instance));
        await EnqueueAsync(list, cancellationToken);
        return list.Slots;
    }

    public Task CheckWritableAsync(CancellationToken cancellationToken) =>
        _target.CheckWritableAsync(cancellationToken);

    public Task ApplyAsync(SlotChange change, CancellationToken cancellationToken) =>
        EnqueueAsync(new PasswdFileRequest.Apply(change), cancellationToken);

    public Task RemoveAsync(SlotOwner owner, CancellationToken cancellationToken) =>
        EnqueueAsync(new PasswdFileRequest.RemoveAll(owner), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        _logins?.Dispose();
        _requests.Writer.TryComplete();
        await _stop.CancelAsync();
        await _loop;
        _stop.Dispose();
    }

    private async Task EnqueueAsync(PasswdFileRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!_requests.Writer.TryWrite(request))
        {
            throw MailBackendException.SettingsChanged();
        }

        // A change whose caller has given up may still be written: every change is idempotent.
        await request.Completion.Task.WaitAsync(cancellationToken);
    }

    private async Task RunAsync()
    {
        await Task.Yield();
        var reads = new List<PasswdFileRequest>();
        var writes = new List<PasswdFileRequest>();
        Task<bool> hasMore = _requests.Reader.WaitToReadAsync().AsTask();
        while (await WaitAsync(hasMore, hasWrites: writes.Count > 0))
        {
            while (_requests.Reader.TryRead(out PasswdFileRequest? request))
            {
                (request.IsWrite ? writes : reads).Add(request);
            }

            // Slowing down writes must not delay reads.
            await ServeAsync(reads);
            if (IntervalLeft <= TimeSpan.Zero)
            {
                await ServeAsync(writes);
            }

            hasMore = hasMore.IsCompleted ? _requests.Reader.WaitToReadAsync().AsTask() : hasMore;
        }

        await ServeAsync(writes);
    }

    /// <summary>
    /// Time until the next write. The first change after a quiet time is written at once; only a burst waits, to share
    /// a write.
    /// </summary>
    private TimeSpan IntervalLeft => _target.WriteInterval - _clock.GetElapsedTime(_writtenAt);

    /// <summary>
    /// Waits for a request, but no longer than until pending writes are due. False once no more can come.
    /// </summary>
    private async Task<bool> WaitAsync(Task<bool> hasMore, bool hasWrites)
    {
        if (!hasWrites)
        {
            return await hasMore;
        }

        if (IntervalLeft is { Ticks: > 0 } left && !hasMore.IsCompleted)
        {
            using var asked = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            await Task.WhenAny(hasMore, Task.Delay(left, _clock, asked.Token));
            await asked.CancelAsync(); // stops the timer
        }

        return !hasMore.IsCompleted || await hasMore;
    }

    private async Task ServeAsync(List<PasswdFileRequest> batch)
    {
        if (batch.Count == 0)
        {
            return;
        }

        try
        {
            bool isChanged;
            for (int conflicts = 0; ; conflicts++)
            {
                PasswdFileDocument document = await ReadAsync(batch.Exists(static request => request.IsWrite));
                isChanged = ServeFrom(document, batch);
                if (!isChanged || await TryWriteAsync(document))
                {
                    break;
                }

                _document = null; // it holds changes that the target lacks
                if (conflicts >= MaxConflicts)
                {
                    throw new MailBackendException(
                        BackendFailure.Unavailable,
                        $"The passwd-file was changed by others {conflicts + 1} times while it was being written.");
                }
            }

            TimeSpan seenIn = isChanged ? _target.VisibleIn : TimeSpan.Zero;
            foreach (PasswdFileRequest request in batch)
            {
                _ = CompleteAsync(request, seenIn);
            }
        }
#pragma warning disable CA1031 // the loop must survive any exception of the target; each caller gets it
        catch (Exception e)
#pragma warning restore CA1031
        {
            _document = null;
            Exception reported = e is OperationCanceledException ? Cancelled(e) : e;
            foreach (PasswdFileRequest request in batch)
            {
                request.Completion.TrySetException(reported);
            }
        }
        finally
        {
            batch.Clear();
        }
    }

    /// <summary>A target that is cancelled although the backend is in use has hit a time limit of its own.</summary>
    private MailBackendException Cancelled(Exception e) => _stop.IsCancellationRequested
        ? MailBackendException.SettingsChanged(e)
        : new MailBackendException(
            BackendFailure.Unavailable, "The passwd-file could not be read or written in time.", e);

    /// <summary>
    /// Reports a new password as accepted only once every mail server that reads the file must know it.
    /// </summary>
    private async Task CompleteAsync(PasswdFileRequest request, TimeSpan seenIn)
    {
        if (request is { AddsSlots: true, Failure: null } && seenIn > TimeSpan.Zero)
        {
            await Task.Delay(seenIn, _clock, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        request.Complete();
    }

    private static bool ServeFrom(PasswdFileDocument document, List<PasswdFileRequest> batch)
    {
        bool isChanged = false;
        foreach (PasswdFileRequest request in batch)
        {
            request.Failure = null;
            try
            {
                isChanged |= request.Serve(document);
            }
            catch (MailBackendException e)
            {
                request.Failure = e;
            }
        }

        return isChanged;
    }

    private async Task<PasswdFileDocument> ReadAsync(bool isForWrite)
    {
        if (!isForWrite && _document is { } recent && _clock.GetElapsedTime(_readAt) < _target.ReadFreshness)
        {
            return recent;
        }

        _readAt = _clock.GetTimestamp();
        (string? text, string version) = await _target.ReadAsync(_document is null ? null : _version, _stop.Token);
        if (text is not null)
        {
            _document = PasswdFileDocument.Parse(text);
        }

        _version = version;
        return _document!;
    }

    private async Task<bool> TryWriteAsync(PasswdFileDocument document)
    {
        _writtenAt = _clock.GetTimestamp();
        if (await _target.TryWriteAsync(document.Render(), _version!, _stop.Token) is not { } version)
        {
            return false;
        }

        _version = version;
        Writes++;
        return true;
    }
}
