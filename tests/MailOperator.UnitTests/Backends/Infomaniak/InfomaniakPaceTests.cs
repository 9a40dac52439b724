using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Backends.Infomaniak;
using MailOperator.Tests.Infomaniak;

namespace MailOperator.UnitTests.Backends.Infomaniak;
/// <summary>Keeps the limits of the API and its Retry-After.</summary>
public sealed class InfomaniakPaceTests : InfomaniakRig
{
    [Theory]
    [InlineData(429, BackendFailure.Busy)]
    [InlineData(503, BackendFailure.Unavailable)]
    internal async Task RetryAfter_IsHonouredByEveryView(int status, BackendFailure failure)
    {
        Fault = _ => new InfomaniakFault { Status = status, RetryAfter = TimeSpan.FromSeconds(30) };
        Assert.Equal(failure, (await FailureAsync(() => View.ListAsync(Owner, Token))).Failure);
        Clock.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(failure, (await FailureAsync(() => For(Other).RemoveAsync(Owner, Token))).Failure);
        Assert.Single(Requests);

        Fault = static _ => null;
        Clock.Advance(TimeSpan.FromSeconds(1));
        await For(Other).RemoveAsync(Owner, Token);
    }

    [Fact]
    public void RetryAfter_AsADate_IsHonoured()
    {
        using var response = new HttpResponseMessage(System.Net.HttpStatusCode.TooManyRequests);
        response.Headers.RetryAfter = new System.Net.Http.Headers.RetryConditionHeaderValue(
            Clock.GetUtcNow().AddSeconds(40));

        MailBackendException e = new ApiFailures(new InfomaniakSpec(), new RetryAfterGate(Clock), Clock)
            .Of(ApiRequest.Probe, response, error: null);

        Assert.Equal((BackendFailure.Busy, TimeSpan.FromSeconds(40)), (e.Failure, e.RetryAfter));
    }

    [Fact]
    public async Task Burst_OfManyDevices_StaysWithinTheLimitAndIssuesAll()
    {
        const int Devices = 30;
        Server.LimitPerMinute = RequestLimit.PerMinute;
        Queue<int> waiting = new(Enumerable.Range(0, Devices));
        DateTimeOffset begun = Clock.GetUtcNow();
        while (waiting.Count > 0)
        {
            int number = waiting.Dequeue();
            Slot slot = Slot($"aaaa{number:D2}") with { Owner = Owner with { DeviceUid = $"uid-{number}" } };
            try
            {
                if ((await View.ListAsync(slot.Owner, Token)).Count == 0)
                {
                    await IssueAsync(slot);
                }
            }
            catch (MailBackendException e) when (e.Failure == BackendFailure.Busy)
            {
                waiting.Enqueue(number);
                Clock.Advance(TimeSpan.FromSeconds(0.25));
            }
        }

        Assert.InRange(Server.MaxPerMinute, 1, RequestLimit.PerMinute);
        Assert.Equal(Devices, Made().Length); // none was left behind when a limit was hit in between
        Assert.InRange(Clock.GetUtcNow() - begun, TimeSpan.FromSeconds(45), TimeSpan.FromSeconds(600));
    }

    [Fact]
    public async Task Pause_OfTheServer_IsBounded() =>
        Assert.True(await MaxDelayAsync() <= RetryAfterGate.MaxDelay);

    private async Task<TimeSpan> MaxDelayAsync()
    {
        Fault = static _ => InfomaniakFault.TooMany(TimeSpan.FromDays(1000));
        return (await FailureAsync(() => View.ListAsync(Owner, Token))).RetryAfter;
    }
}
