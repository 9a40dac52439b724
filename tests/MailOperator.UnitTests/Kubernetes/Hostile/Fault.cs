namespace MailOperator.UnitTests.Kubernetes.Hostile;

/// <summary>How a request, or a watch under way, goes wrong.</summary>
public enum Fault
{
    /// <summary>None: a place in the script for a request that goes well.</summary>
    None,

    /// <summary>410 as an HTTP status.</summary>
    GoneStatus,

    /// <summary>410 as an ERROR event in a stream that began well.</summary>
    GoneEvent,

    /// <summary>The stream ends in good order.</summary>
    EndOfStream,

    /// <summary>The stream ends in good order, in the middle of a line.</summary>
    BrokenLine,

    /// <summary>The stream holds a line that is JSON and no event, as of a proxy that speaks up.</summary>
    ForeignLine,

    /// <summary>The connection is cut.</summary>
    Reset,

    /// <summary>The connection stays, and nothing is heard on it any more.</summary>
    Silence,

    /// <summary>The write is applied, and the connection is cut before the answer.</summary>
    LostResponse,

    /// <summary>409 whose message quotes what was sent.</summary>
    Conflict,

    /// <summary>422 whose message quotes what was sent.</summary>
    Invalid,

    /// <summary>403, as for a namespace that is being deleted.</summary>
    Forbidden,

    /// <summary>429 with Retry-After: 1.</summary>
    Throttled,

    /// <summary>500 without JSON.</summary>
    ServerError,
}
