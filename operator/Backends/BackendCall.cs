namespace MailOperator.Backends;

/// <summary>How one request is sent.</summary>
/// <param name="Gate">Stops the request while the server's Retry-After applies.</param>
/// <param name="Timeout">A call without an answer by then has failed.</param>
/// <param name="Clock">Measures the timeout.</param>
/// <param name="Unreachable">The failure to report if the connection could not be made or was cut off.</param>
internal readonly record struct BackendCall(
    RetryAfterGate Gate, TimeSpan Timeout, TimeProvider Clock, Func<Exception, MailBackendException> Unreachable);
