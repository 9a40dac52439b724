namespace MailOperator.UnitTests.MailDevices.CrashPoints;

/// <summary>What may happen at an outward call.</summary>
internal enum Fault
{
    None,

    /// <summary>The process is gone before the request leaves it.</summary>
    CrashBeforeSend,

    /// <summary>The process is gone as soon as the answer is there.</summary>
    CrashAfterAnswer,

    /// <summary>The request never arrives; the process lives on and knows that it failed.</summary>
    Refused,

    /// <summary>The request is carried out and its answer is lost; the process lives on and cannot know which.</summary>
    AnswerLost,

    /// <summary>As <see cref="AnswerLost"/>, and after that pass the process is gone.</summary>
    AnswerLostThenCrash,
}

/// <summary>All that one process sends to the outside passes here, is counted, and may meet a fault.</summary>
internal sealed class Wire
{
    private readonly List<string> _calls = [];
    private Fault _fault;
    private int _at;

    /// <summary>Calls since it was armed, in their order.</summary>
    public IReadOnlyList<string> Calls => _calls;

    /// <summary>Calls so far that may change something outside.</summary>
    public int Writes { get; private set; }

    public bool IsDead { get; private set; }

    /// <summary>Waited for before each call: an interleaving of two processes is made here.</summary>
    public Func<Task> Turn { get; set; } = static () => Task.CompletedTask;

    /// <summary>Counts from here on, and lets the fault happen at one of the calls (from 1).</summary>
    public void Arm(Fault fault, int at)
    {
        _calls.Clear();
        (_fault, _at) = (fault, at);
    }

    /// <summary>At the end of a pass.</summary>
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
            throw new ProcessDiedException(); // what runs on after a crash reaches nobody
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
