using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using MailOperator.Kubernetes;

namespace MailOperator.UnitTests.Kubernetes;

public sealed class ApiStatusTests
{
    [Theory]
    [InlineData("")]
    [InlineData("<html>502 Bad Gateway</html>")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("\"text\"")]
    [InlineData("{}")]
    [InlineData("""{"code":"four hundred and nine","reason":7,"message":["a"]}""")]
    [InlineData("""{"code":null,"reason":null,"message":null}""")]
    [InlineData("""{"code":409.5}""")]
    [InlineData("""{"\ud800":1}""")]
    [InlineData("""{"message":"\ud800"}""")]
    [InlineData("""{"code":16,"message":"unauthenticated"}""")]
    [InlineData("""{"details":["a"]}""")]
    [InlineData("""{"details":{"kind":1,"causes":{"reason":"NamespaceTerminating"}}}""")]
    [InlineData("""{"details":{"causes":[null,7,{"reason":null}]}}""")]
    public void Refusal_BodyIsNoStatus_IsJudgedByTheHttpStatus(string body)
    {
        // Mutant: trust the shape of the body; a proxy's error page becomes an error of another kind.
        Assert.Equal(HttpStatusCode.Conflict, Refuse(HttpStatusCode.Conflict, body).StatusCode);
    }

    [Theory]
    [InlineData(410, "Gone")]
    [InlineData(410, "")]
    [InlineData(400, "Expired")]
    public void Refusal_VersionTooOld_IsStale(int code, string reason) =>
        Assert.True(Refuse((HttpStatusCode)code, FakeApi.Status(code, reason)).IsStaleVersion);

    [Fact]
    public void Refusal_AnyOther_IsNotStale() =>
        Assert.False(Refuse(HttpStatusCode.NotFound, FakeApi.Status(404, "NotFound")).IsStaleVersion);

    [Fact]
    public void Refusal_EndlessMessage_IsCut() =>
        Assert.InRange(
            Refuse(HttpStatusCode.Forbidden, FakeApi.Status(403, "Forbidden", new string('x', 100_000))).Message.Length,
            1024, 1200);

    [Theory]
    [InlineData(HttpStatusCode.BadRequest)]
    [InlineData(HttpStatusCode.Conflict)]
    [InlineData(HttpStatusCode.UnprocessableEntity)]
    public void Refusal_OfASecretForWhatIsInIt_QuotesNothing(HttpStatusCode code) =>
        Assert.DoesNotContain(
            "hunter2", Refuse(code, FakeApi.Status((int)code, "Invalid", "hunter2"), ResourceType.Secrets).Message);

    [Fact]
    public void Refusal_RetryAfter_IsKept()
    {
        using var response = new HttpResponseMessage(HttpStatusCode.TooManyRequests);
        response.Headers.RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromSeconds(7));

        Assert.Equal(
            TimeSpan.FromSeconds(7), ApiStatus.Refusal(FakeApi.Things, HttpMethod.Get, response, "").RetryAfter);
    }

    [Fact]
    public void FromEvent_Gone_IsStale()
    {
        using var document = JsonDocument.Parse(FakeApi.Status(410, "Expired"));

        ApiException refusal = ApiStatus.FromEvent(FakeApi.Things, document.RootElement);

        Assert.True(refusal.IsStaleVersion);
        Assert.Contains("things", refusal.Message);
    }

    private static ApiException Refuse(HttpStatusCode code, string body, ResourceType? type = null)
    {
        using var response = new HttpResponseMessage(code);
        return ApiStatus.Refusal(type ?? FakeApi.Things, HttpMethod.Put, response, body);
    }
}
