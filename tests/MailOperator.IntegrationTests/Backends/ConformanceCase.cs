namespace MailOperator.IntegrationTests.Backends;

/// <summary>What is tried of every driver at its real server. A test of <see cref="BackendConformance"/> that begins with the name tries it.</summary>
public enum ConformanceCase
{
    /// <summary>A new password.</summary>
    Issue,

    /// <summary>A second one beside the first.</summary>
    Rotate,

    /// <summary>The end of the first, after the overlap.</summary>
    Retire,

    /// <summary>A time from which the mail system itself refuses a password.</summary>
    Expire,

    /// <summary>A password that is kept and refused.</summary>
    Suspend,

    /// <summary>What a password may be used for.</summary>
    Scope,

    /// <summary>The end of all passwords of a device.</summary>
    Revoke,

    List,

    /// <summary>What belongs to no device any more is found and removed.</summary>
    Sweep,

    /// <summary>Many devices at once.</summary>
    Burst,

    /// <summary>The server is started again, and so is the operator.</summary>
    Restart,

    /// <summary>Nobody is there.</summary>
    Refused,

    /// <summary>No answer comes.</summary>
    Timeout,

    /// <summary>The operator is not let in, or may not do it.</summary>
    Unauthorized,

    /// <summary>The server says no to what is asked.</summary>
    Rejected,

    /// <summary>It is done, and nobody hears of it.</summary>
    AnswerLost,

    Slow,

    /// <summary>Gone in the middle of a change.</summary>
    CutOff,
}
