namespace MailOperator.IntegrationTests.Bed;

/// <summary>What can go wrong with a driver's server or on the way to it: one thing at a time, until it recovers.</summary>
internal interface ITrouble : IAsyncDisposable
{
    /// <summary>Nobody is there.</summary>
    Task RefuseAsync();

    /// <summary>What is sent is taken, and nothing comes back.</summary>
    Task StallAsync();

    /// <summary>Completes once something waits for what does not come.</summary>
    Task StalledAsync();

    /// <summary>All is done, slowly and in small pieces.</summary>
    Task SlowAsync();

    /// <summary>In the middle of this step it is gone, and stays so.</summary>
    /// <param name="step">From 1 on. A step later than the last of a call does that call no harm.</param>
    Task CutAsync(int step);

    /// <summary>This step is done, its answer is lost, and from then on nobody is there.</summary>
    /// <param name="step">From 1 on. A step later than the last of a call does that call no harm.</param>
    Task LoseAnswerAsync(int step);

    /// <summary>All is well again; what hangs has ended.</summary>
    Task RecoverAsync();
}
