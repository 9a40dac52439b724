using System.Diagnostics;
using MailOperator.Backends;
using MailOperator.Tests;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.IntegrationTests.Backends;

/// <summary>Faults: each is reported correctly, leaves no partial change, and ends with its cause.</summary>
public abstract partial class BackendConformance
{
    /// <summary>Maximum number of steps of a change; more means that it loops.</summary>
    private const int MaxSteps = 60;

    /// <summary>Whether an interrupted change is atomic.</summary>
    internal virtual bool IsWhole => true;

    [Fact]
    public async Task Refused_Server_IsUnavailableAndServesAgainWithoutARestart()
    {
        await PutAsync(Slot("oldold"));
        await Trouble.RefuseAsync();

        foreach (Func<Task> call in new Func<Task>[]
        {
            () => PutAsync(Slot("newnew")),
            () => Backend.RemoveAsync(Owner, Token),
            () => Backend.ListAsync(Owner, Token),
        })
        {
            // Mutant: an unreachable server counts as one without slots.
            Assert.Equal(BackendFailure.Unavailable, (await FailureAsync(call)).Failure);
        }

        await Trouble.RecoverAsync();
        await AgainAsync(() => PutAsync(Slot("newnew")));
        await ListedAsync(Backend, Owner, Slot("newnew"), Slot("oldold"));
    }

    [Fact]
    public async Task Timeout_OfAServerThatTakesAndDoesNotAnswer_EndsTheCallInTime()
    {
        // Mutant: a call continues after its timeout, and holds a worker.
        var clock = new FakeTimeProvider();
        await Backend.ListAsync(Owner, Token); // opens a connection
        var guarded = new GuardedBackend("stalled", Backend, 8, NoMetrics.OfBackends, clock);
        await Trouble.StallAsync();
        Task change = ChangeAsync(guarded, new SlotChange(Owner, [Slot("aaaaaa"), Slot("bbbbbb")], []));
        await Trouble.StalledAsync();
        long begun = Stopwatch.GetTimestamp();

        clock.Advance(BackendGuard.CallTimeout);

        Assert.Equal(BackendFailure.Unavailable, (await FailureAsync(() => change)).Failure);
        Assert.InRange(Stopwatch.GetElapsedTime(begun), TimeSpan.Zero, BackendGuard.CallTimeout);
        await Trouble.RecoverAsync();
        await AgainAsync(() => PutAsync(Slot("aaaaaa"), Slot("bbbbbb"))); // the first attempt left nothing in the way
        await ListedAsync(MakeAside(), Owner, Slot("aaaaaa"), Slot("bbbbbb"));
    }

    [Fact]
    public async Task Unauthorized_Operator_IsToldAndLetInWithoutARestart()
    {
        await LockOutAsync();
        IMailBackend outside = Make();

        MailBackendException e = await FailureAsync(
            () => ChangeAsync(outside, new SlotChange(Owner, [Slot("aaaaaa")], [])));
        await LetInAsync();

        Assert.Equal(BackendFailure.Unauthorized, e.Failure);
        Assert.DoesNotContain(WrongSecret, e.ToString());
        Assert.DoesNotContain(Slot("aaaaaa").Hash is { Length: > 0 } hash ? hash : WrongSecret, e.ToString());
        await ListedAsync(outside, Owner);
        await ChangeAsync(outside, new SlotChange(Owner, [Slot("aaaaaa")], []));
        await ListedAsync(MakeAside(), Owner, Slot("aaaaaa"));
    }

    [Fact]
    public async Task Rejected_SlotOfAChange_LeavesWhatWasAndDoesNothingOfTheRest()
    {
        await PutAsync(Slot("oldold"));
        Slot refused = await UnacceptableAsync();

        MailBackendException e = await FailureAsync(
            () => ChangeAsync(Backend, new SlotChange(Owner, [refused], ["oldold"])));

        Assert.Equal(BackendFailure.Rejected, e.Failure);
        await ListedAsync(MakeAside(), Owner, Slot("oldold"));
    }

    [Fact]
    public Task AnswerLost_ToEachStepOfARotation_IsMadeGoodByTheNextTry() => EachAnswerLostAsync(RotationOf);

    [Fact]
    // Mutant: a lost answer is a success.
    public Task AnswerLost_ToEachStepOfARevocation_IsMadeGoodByTheNextTry() => EachAnswerLostAsync(RevocationOf);

    [Fact]
    public Task CutOff_InTheMiddleOfEachStepOfARotation_LosesNoPasswordAndIsMadeWholeByTheNextTry() =>
        // Mutants: the old password ends before the new one is put; an interrupted change blocks the next try.
        EachStepAsync(RotationOf, Trouble.CutAsync, static (_, _) => { });

    [Fact]
    public Task CutOff_InTheMiddleOfEachStepOfARevocation_IsMadeWholeByTheNextTry() =>
        EachStepAsync(RevocationOf, Trouble.CutAsync, static (_, _) => { });

    [Fact]
    public async Task Slow_Server_IsWaitedFor()
    {
        // Mutant: a part of an answer counts as the whole.
        await Trouble.SlowAsync();

        await PutAsync(Slot("aaaaaa"), Slot("bbbbbb"));

        await ListedAsync(Backend, Owner, Slot("aaaaaa"), Slot("bbbbbb"));
        Assert.Equal(2, (await Make().ListAllAsync(Owner.Instance, Token)).Count);
        await Trouble.RecoverAsync();
    }

    [Fact]
    public async Task Call_Cancelled_EndsAtOnce()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Backend.ListAsync(Owner, cancelled.Token));
    }

    /// <summary>
    /// The wrong secret that <see cref="LockOutAsync"/> gives the operator, which must not be leaked.
    /// </summary>
    internal const string WrongSecret = "wrong-secret-of-somebody";

    /// <summary>The slots before a change of a device, the change, and the slots after it.</summary>
    internal sealed record Attempt(Slot[] Before, Func<IMailBackend, Task> MakeAsync, Slot[] After);

    internal virtual Attempt RotationOf(SlotOwner owner, int number)
    {
        Slot old = Slot($"o{number:D5}") with { Owner = owner };
        Slot @new = Slot($"n{number:D5}") with { Owner = owner };
        Slot kept = Slot($"k{number:D5}") with { Owner = owner };
        Slot suspended = kept with { Restrictions = kept.Restrictions with { IsSuspended = true } };
        return new Attempt(
            [old, kept], backend => ChangeAsync(backend, new SlotChange(owner, [@new, suspended], [old.Selector])),
            [@new, suspended]);
    }

    private Attempt RevocationOf(SlotOwner owner, int number) => new(
        [Slot($"a{number:D5}") with { Owner = owner }, Slot($"b{number:D5}") with { Owner = owner }],
        backend => backend.RemoveAsync(owner, Token), []);

    internal static Task<MailBackendException> FailureAsync(Func<Task> call) =>
        Assert.ThrowsAsync<MailBackendException>(call);

    private Task AsideAsync(Func<IMailBackend, Task> use) => BrieflyAsync(CreateAside(), use);

    /// <summary>
    /// Uses a backend and disposes it: so many are made that the server would run out of connections.
    /// </summary>
    private static async Task BrieflyAsync(IMailBackend backend, Func<IMailBackend, Task> use)
    {
        try
        {
            await use(backend);
        }
        finally
        {
            await ((backend as IAsyncDisposable)?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
    }

    private async Task EachAnswerLostAsync(Func<SlotOwner, int, Attempt> attemptOf)
    {
        bool isDone = false;
        await EachStepAsync(
            attemptOf, Trouble.LoseAnswerAsync, (attempt, left) => isDone = left.SetEquals(attempt.After));

        // Otherwise nothing was tested here.
        Assert.True(isDone, "The answer to the last step of a change was lost, and the change was not done.");
    }

    /// <summary>
    /// Injects a fault at the first step of a change, at the second of another, and so on until a change has no such
    /// step.
    /// </summary>
    private async Task EachStepAsync(
        Func<SlotOwner, int, Attempt> attemptOf, Func<int, Task> trouble, Action<Attempt, HashSet<Slot>> afterTrouble)
    {
        for (int step = 1; step <= MaxSteps; step++)
        {
            SlotOwner owner = Device(step);
            Attempt attempt = attemptOf(owner, step);
            await AsideAsync(aside => ChangeAsync(aside, new SlotChange(owner, [.. attempt.Before], [])));
            Exception? e = null;
            await BrieflyAsync(Create(), async backend =>
            {
                await backend.ListAsync(owner, Token); // connects, so that only steps of the change are counted
                await trouble(step);
                e = await Record.ExceptionAsync(() => attempt.MakeAsync(backend));
            });
            HashSet<Slot> left = [];
            await AsideAsync(async aside => left = [.. await aside.ListAsync(owner, Token)]);
            await Trouble.RecoverAsync();

            Assert.True(
                attempt.After.Length == 0 || left.Contains(attempt.Before[0]) || left.Contains(attempt.After[0]),
                $"At step {step} neither the old password is left nor the new one.");
            Assert.True(
                !IsWhole || left.SetEquals(attempt.Before) || left.SetEquals(attempt.After),
                $"At step {step} half a change was made.");
            Assert.True(
                e is not null || left.SetEquals(attempt.After),
                $"At step {step} it says that all was done, and it was not.");
            await AsideAsync(aside => AgainAsync(() => attempt.MakeAsync(aside)));
            await AsideAsync(aside => ListedAsync(aside, owner, attempt.After));
            if (e is null)
            {
                Assert.InRange(step, 2, MaxSteps);
                return;
            }

            Assert.Equal(BackendFailure.Unavailable, Assert.IsType<MailBackendException>(e).Failure);
            afterTrouble(attempt, left);
        }

        Assert.Fail($"A change had more than {MaxSteps} steps.");
    }
}
