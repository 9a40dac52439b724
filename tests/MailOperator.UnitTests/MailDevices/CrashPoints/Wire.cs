namespace MailOperator.UnitTests.MailDevices.CrashPoints;

/// <summary>What may happen at an outward call.</summary>
internal enum Fault
{
    None,

    /// <summary>The process dies before it sends the request.</summary>
    CrashBeforeSend,

    /// <summary>The process dies as soon as it has the answer.</summary>
    CrashAfterAnswer,

    /// <summary>The request never arrives; the process lives on and knows that it failed.</summary>
    Refused,

    /// <summary>
    /// The request is carried out, but its answer is lost. The process lives on and cannot tell whether it was.
    /// </summary>
    AnswerLost,

    /// <summary>As <see cref="AnswerLost"/>, and the process dies after the pass.</summary>
    AnswerLostThenCrash,
}

/// <summary>Every outward call of one process passes here, is counted, and may get a fault.</summary>
internal sealed class Wire
{
    private readonly List<string> _calls = [];
    private Fault _fault;
    private int _at;

    /// <summary>Calls since it was armed, in their order.</summary>
    public IReadOnlyList<string> Calls => _calls;

    /// <summary>Number of calls so far that may change something outside.</summary>
    public int Writes { get; private set; }

    public bool IsDead { get; private set; }

    /// <summary>Awaited before each call. Tests interleave two processes here.</summary>
    public Func<Task> Turn { get; set; } = static () => Task.CompletedTask;

    /// <summary>Counts calls from here on, and injects the fault at one of them (the first is 1).</summary>
    public void Arm(Fault fault, int at)
    {
        _calls.Clear();
        (_fault, _at) = (fault, at);
    }

    /// <summary>Called at the end of a pass.</summary>
    public void ThrowIfDead()
    {
        IsDead |= _fault == Fault.AnswerLostThenCrash && _calls.Count >= _at;
        if (IsDead)
        {
            throw new ProcessDiedException();
        }
    }

    public async Task<T> CallAsync<T>(string what, bool isWrite, Func<T> call, Func<Exception> broken)
    {
        await Turn();
        if (IsDead)
        {
            throw new ProcessDiedException(); // code that still runs after a crash reaches nobody
        }

        _calls.Add(what);
        Fault fault = _calls.Count == _at ? _fault : Fault.None;
        DieIf(fault == Fault.CrashBeforeSend);
        if (fault == Fault.Refused)
        {
            throw broken();
        }

        Writes += isWrite ? 1 : 0;
        T result = call();
        DieIf(fault == Fault.CrashAfterAnswer);
        return fault is Fault.AnswerLost or Fault.AnswerLostThenCrash ? throw broken() : result;
    }

    private void DieIf(bool isNow)
    {
        if (isNow)
        {
            IsDead = true;
            throw new ProcessDiedException();
        }
    }
}

/// <summary>Nothing in the operator catches this.</summary>
internal sealed class ProcessDiedException : Exception;
