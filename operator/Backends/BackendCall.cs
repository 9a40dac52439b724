namespace MailOperator.Backends;

/// <summary>How one request is sent.</summary>
/// <param name="Gate">Where the server has asked to be left alone.</param>
/// <param name="Timeout">A call that has no answer by then has failed.</param>
/// <param name="Clock">Measures it.</param>
/// <param name="Unreachable">What to say of a connection that did not come about or was cut off.</param>
internal readonly record struct BackendCall(RetryAfterGate Gate, TimeSpan Timeout, TimeProvider Clock, Func<Exception, MailBackendException> Unreachable);
