using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace MailOperator.Passwords;

/// <summary>
/// Hashes with bcrypt on its own threads: a hash takes tens of milliseconds of CPU, and on the thread pool a burst of
/// them would delay the renewal of the lease and every watch.
/// </summary>
internal sealed partial class PasswordHasher : IDisposable
{
    /// <summary>The cost of bcrypt if a backend sets none.</summary>
    public const int DefaultWorkFactor = 10;

    /// <summary>The least that bcrypt takes.</summary>
    public const int MinWorkFactor = 4;

    /// <summary>More would make a login slow.</summary>
    public const int MaxWorkFactor = 15;

    // The lease, watches and probes have deadlines; a hash has none.
    private const int Niceness = 10;

    private readonly BlockingCollection<Job> _jobs = [];
    private readonly Thread[] _threads;

    public PasswordHasher(int threads)
    {
        _threads = [.. Enumerable.Range(0, threads).Select(number => new Thread(Work)
        {
            IsBackground = true,
            Name = $"bcrypt {number}",
        })];
        foreach (Thread thread in _threads)
        {
            thread.Start();
        }
    }

    /// <summary>A <c>$2y$</c> hash, the form that Dovecot, crypt(3) and other mail systems all accept.</summary>
    public Task<string> HashAsync(AppPassword password, int workFactor, CancellationToken cancellationToken) =>
        RunAsync(
            () => BCrypt.Net.BCrypt.HashPassword(
                password.Reveal(), BCrypt.Net.BCrypt.GenerateSalt(workFactor, 'y')),
            cancellationToken);

    /// <summary>Whether the hash is of this password; false for text that is no bcrypt hash.</summary>
    public async Task<bool> VerifyAsync(AppPassword password, string hash, CancellationToken cancellationToken) =>
        HashShape().IsMatch(hash)
        && await RunAsync(
            () => BCrypt.Net.BCrypt.Verify(password.Reveal(), hash) ? "yes" : "no", cancellationToken) == "yes";

    public void Dispose()
    {
        _jobs.CompleteAdding();
        foreach (Thread thread in _threads)
        {
            thread.Join();
        }

        _jobs.Dispose();
    }

    private Task<string> RunAsync(Func<string> compute, CancellationToken cancellationToken)
    {
        var result = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var job = new Job(compute, result, cancellationToken);
        _jobs.Add(job, cancellationToken);
        return job.Result.Task;
    }

    private void Work()
    {
        // For this thread alone. Thread.Priority has no effect on Linux.
        _ = SetPriority(which: 0, who: 0, Niceness);
        foreach (Job job in _jobs.GetConsumingEnumerable())
        {
            if (job.CancellationToken.IsCancellationRequested)
            {
                job.Result.TrySetCanceled(job.CancellationToken);
                continue;
            }

            try
            {
                job.Result.TrySetResult(job.Compute());
            }
#pragma warning disable CA1031 // the exception belongs to the caller and must not end this thread
            catch (Exception e)
#pragma warning restore CA1031
            {
                job.Result.TrySetException(e);
            }
        }
    }

    // The library throws on anything else, and a line of a passwd-file may be damaged.
    [GeneratedRegex(@"\A\$2[abxy]?\$(?:0[4-9]|[12][0-9]|3[01])\$[./A-Za-z0-9]{53}\z", RegexOptions.CultureInvariant)]
    private static partial Regex HashShape();

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, uint who, int priority);

    private sealed record Job(
        Func<string> Compute, TaskCompletionSource<string> Result, CancellationToken CancellationToken);
}
