using MailOperator.Backends;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.UnitTests.Backends;

public sealed class ServerPauseTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly ServerPause _pause;

    public ServerPauseTests() => _pause = new ServerPause(_clock);

    [Fact]
    public void ThrowIfPaused_CrowdedAndAnotherCallDoneMeanwhile_IsBusy()
    {
        // Mutant: it counts as a server that does not answer, and opens the breaker.
        _pause.Crowded("too much", TimeSpan.FromSeconds(30));
        _pause.End();

        MailBackendException e = Assert.Throws<MailBackendException>(_pause.ThrowIfPaused);

        Assert.Equal((BackendFailure.Busy, TimeSpan.FromSeconds(30)), (e.Failure, e.RetryAfter));
    }

    [Fact]
    public void Crowded_ForLongWithoutACallDone_IsUnavailable()
    {
        _pause.Crowded("too much", asked: null);
        _clock.Advance(ServerPause.MaxSilence + TimeSpan.FromSeconds(1));

        Assert.Equal(BackendFailure.Unavailable, _pause.Crowded("too much", asked: null).Failure);
    }
}
