using MailOperator.Backends;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.UnitTests.Backends;

public sealed class RetryAfterGateTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly RetryAfterGate _gate;

    public RetryAfterGateTests() => _gate = new RetryAfterGate(_clock);

    [Fact]
    public void ThrowIfClosed_ThrottledAndAnotherCallSucceededSince_IsBusy()
    {
        // Mutant: it counts as a server that does not answer, and opens the breaker.
        _gate.Throttled("too much", TimeSpan.FromSeconds(30));
        _gate.Succeeded();

        MailBackendException e = Assert.Throws<MailBackendException>(_gate.ThrowIfClosed);

        Assert.Equal((BackendFailure.Busy, TimeSpan.FromSeconds(30)), (e.Failure, e.RetryAfter));
    }

    [Fact]
    public void Throttled_ForLongWithoutASuccess_IsUnavailable()
    {
        _gate.Throttled("too much", asked: null);
        _clock.Advance(RetryAfterGate.MaxSilence + TimeSpan.FromSeconds(1));

        Assert.Equal(BackendFailure.Unavailable, _gate.Throttled("too much", asked: null).Failure);
    }
}
