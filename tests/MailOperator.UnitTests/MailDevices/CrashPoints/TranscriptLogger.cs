using Microsoft.Extensions.Logging;

namespace MailOperator.UnitTests.MailDevices.CrashPoints;

/// <summary>Writes every log line, at every level, into a <see cref="Transcript"/>.</summary>
internal sealed class TranscriptLogger<T>(Transcript transcript) : ILogger<T>
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        transcript.Add($"{formatter(state, exception)} {exception}");
        foreach (KeyValuePair<string, object?> value in state as IEnumerable<KeyValuePair<string, object?>> ?? [])
        {
            transcript.AddLogged(value.Key, value.Value);
        }
    }
}
