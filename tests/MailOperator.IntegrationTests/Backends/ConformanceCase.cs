namespace MailOperator.IntegrationTests.Backends;

/// <summary>
/// What is tested of every driver at its real server, by tests of <see cref="BackendConformance"/> that begin with the
/// name.
/// </summary>
public enum ConformanceCase
{
    /// <summary>A new password.</summary>
    Issue,

    /// <summary>A second one beside the first.</summary>
    Rotate,

    /// <summary>The end of the first, after the overlap.</summary>
    Retire,

    /// <summary>A time after which the mail system itself refuses a password.</summary>
    Expire,

    /// <summary>A password that is kept but refused.</summary>
    Suspend,

    /// <summary>What a password may be used for.</summary>
    Scope,

    /// <summary>The end of all passwords of a device.</summary>
    Revoke,

    List,

    /// <summary>Slots without a device are found and removed.</summary>
    Sweep,

    /// <summary>Many devices at once.</summary>
    Burst,

    /// <summary>The server and the operator are restarted.</summary>
    Restart,

    /// <summary>The server is down.</summary>
    Refused,

    /// <summary>No answer comes.</summary>
    Timeout,

    /// <summary>The operator's credentials are refused, or lack the rights.</summary>
    Unauthorized,

    /// <summary>The server refuses the request.</summary>
    Rejected,

    /// <summary>The request is executed, but its answer is lost.</summary>
    AnswerLost,

    Slow,

    /// <summary>The connection breaks in the middle of a change.</summary>
    CutOff,
}
