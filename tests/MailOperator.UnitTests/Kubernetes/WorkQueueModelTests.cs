using System.Collections.Concurrent;
using CsCheck;
using MailOperator.Kubernetes;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.UnitTests.Kubernetes;

/// <summary>The queue against a model of it, and under many threads.</summary>
public sealed class WorkQueueModelTests
{
    private const int Keys = 4;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void AnyOrderOfSteps_IsWhatTheModelSays() =>
        Gen.Int[0, Keys - 1].Select(Gen.Int[0, 4], static (key, step) => (key, step)).Array[0, 40]
            .Sample(static steps => Follows(steps), iter: 2000, threads: 1);

    [Fact]
    public async Task Add_FromManyThreads_NoAdditionGoesUnseen()
    {
        // Each addition follows a count; a worker reads the count when it has the key. The last count must be read.
        // Mutant: drop an addition that comes between the end of the work and Done.
        var clock = new FakeTimeProvider();
        using var queue = new WorkQueue<int>(clock);
        int[] wanted = new int[Keys], seen = new int[Keys], holders = new int[Keys];
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var problems = new ConcurrentQueue<string>();
        Task[] workers = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(WorkAsync, Token))];
        Task[] adders = [.. Enumerable.Range(0, 4).Select(seed => Task.Run(() => AddMany(seed), Token))];

        await Task.WhenAll(adders);
        await Until.IsSoAsync(
            () => Enumerable.Range(0, Keys).All(key => Volatile.Read(ref seen[key]) == Volatile.Read(ref wanted[key])));
        await stop.CancelAsync();
        await Task.WhenAll(workers);

        Assert.Empty(problems);

        void AddMany(int seed)
        {
            var random = new Random(seed);
            for (int count = 0; count < 5000; count++)
            {
                int key = random.Next(Keys);
                Interlocked.Increment(ref wanted[key]);
                queue.Add(key, (QueueLane)random.Next(2));
            }
        }

        async Task WorkAsync()
        {
            try
            {
                while (true)
                {
                    int key = await queue.TakeAsync(stop.Token);
                    if (Interlocked.Increment(ref holders[key]) != 1)
                    {
                        problems.Enqueue($"{key} is held by two workers");
                    }

                    Volatile.Write(ref seen[key], Volatile.Read(ref wanted[key]));
                    await Task.Yield();
                    Interlocked.Decrement(ref holders[key]);
                    queue.Done(key);
                }
            }
            catch (OperationCanceledException)
            {
                // The test is over.
            }
        }
    }

    /// <summary>A key is waiting or not, and worked on or not; that is the whole model.</summary>
    private static bool Follows((int Key, int Step)[] steps)
    {
        using var queue = new WorkQueue<int>(new FakeTimeProvider());
        var changes = new HashSet<int>();
        var resyncs = new HashSet<int>();
        var working = new HashSet<int>();
        foreach ((int key, int step) in steps)
        {
            switch (step)
            {
                case 0 or 1:
                    queue.Add(key, (QueueLane)step);
                    _ = step == 0
                        ? changes.Add(key) && resyncs.Remove(key)
                        : !changes.Contains(key) && resyncs.Add(key);
                    break;
                case 2 or 3:
                    HashSet<int> readyChanges =
                        [.. changes.Except(working)], ready = [.. readyChanges, .. resyncs.Except(working)];
                    if (ready.Count == 0)
                    {
                        break;
                    }

                    // What is ready is taken without a wait, and a change before any resync.
                    ValueTask<int> taking = queue.TakeAsync(CancellationToken.None);
                    if (!taking.IsCompletedSuccessfully)
                    {
                        return false;
                    }

                    int taken = taking.Result;
                    if (!(readyChanges.Count > 0 ? readyChanges : ready).Contains(taken))
                    {
                        return false;
                    }

                    _ = changes.Remove(taken) || resyncs.Remove(taken);
                    working.Add(taken);
                    break;
                default:
                    if (working.Remove(key))
                    {
                        queue.Done(key);
                    }

                    break;
            }

            if (queue.ReadyCount != changes.Concat(resyncs).Except(working).Count())
            {
                return false;
            }
        }

        return true;
    }
}
