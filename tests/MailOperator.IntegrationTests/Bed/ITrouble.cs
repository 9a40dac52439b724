namespace MailOperator.IntegrationTests.Bed;

/// <summary>Faults of a driver's server or of the network: one at a time, until recovery.</summary>
internal interface ITrouble : IAsyncDisposable
{
    /// <summary>The server does not exist.</summary>
    Task RefuseAsync();

    /// <summary>Requests are accepted and never answered.</summary>
    Task StallAsync();

    /// <summary>Completes when a call waits for an answer.</summary>
    Task StalledAsync();

    /// <summary>Every request is answered slowly and in small pieces.</summary>
    Task SlowAsync();

    /// <summary>The server fails in the middle of this step and stays down.</summary>
    /// <param name="step">Counts from 1. A step after the last of a call does not affect the call.</param>
    Task CutAsync(int step);

    /// <summary>This step is done but its answer is lost; then the server stays down.</summary>
    /// <param name="step">Counts from 1. A step after the last of a call does not affect the call.</param>
    Task LoseAnswerAsync(int step);

    /// <summary>Ends the fault; pending calls have ended.</summary>
    Task RecoverAsync();
}
