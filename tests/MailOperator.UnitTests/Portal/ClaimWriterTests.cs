using System.Net;
using MailOperator.Api;
using MailOperator.Kubernetes;
using MailOperator.Portal.Claims;
using MailOperator.UnitTests.Kubernetes;
using Microsoft.Extensions.Time.Testing;
using static MailOperator.UnitTests.Portal.Links;

namespace MailOperator.UnitTests.Portal;

/// <summary>A claim is written to the version that was seen, or to a newer one that can still be claimed.</summary>
public sealed class ClaimWriterTests : IDisposable
{
    private static readonly InvitationClaim Mine = new() { Id = "mine", At = Now, Selector = "abc123", Hash = "$2y$" };

    private readonly FakeApi _api = new();
    private readonly string _token = NewText();
    private readonly ClaimWriter _writer;

    public ClaimWriterTests()
    {
        KubernetesApi api = _api.Connect(new FakeTimeProvider(Now));
        _writer = new ClaimWriter(api, new ObjectWriter(api), new FakeTimeProvider(Now));
    }

    public void Dispose() => _api.Dispose();

    [Fact]
    public async Task Write_StatusMovedOnByTheOperator_IsTriedOnTheNewVersion()
    {
        DeviceInvitation moved = Invitation(_token);
        moved.Metadata.ResourceVersion = "8";
        _api.Answer(HttpStatusCode.UnprocessableEntity, FakeApi.FailedPatch)
            .Answer(HttpStatusCode.OK, Json(moved))
            .Answer(HttpStatusCode.OK);

        Assert.Equal(Mine.Id, (await WriteAsync())!.Id);
        Assert.Contains("\"value\":\"8\"", _api.Requests[2].Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Write_AppliedAndAnsweredAsAConflict_IsOurs()
    {
        // Mutant: any existing claim counts as somebody else's. The person's password would be lost.
        _api.Answer(HttpStatusCode.Conflict, FakeApi.Status(409, "Conflict"))
            .Answer(HttpStatusCode.OK, Json(Invitation(_token, change: status => Claim(status, Mine.Id))));

        Assert.Equal(Mine.Id, (await WriteAsync())!.Id);
    }

    [Fact]
    public async Task Write_ClaimedByAnotherMeanwhile_IsTheirs()
    {
        _api.Answer(HttpStatusCode.Conflict, FakeApi.Status(409, "Conflict"))
            .Answer(HttpStatusCode.OK, Json(Invitation(_token, change: status => Claim(status, "other"))));

        Assert.Equal("other", (await WriteAsync())!.Id); // mutant: overwrites it
        Assert.Equal(["PATCH", "GET"], _api.Requests.Select(request => request.Method));
    }

    [Fact]
    public async Task Write_AnotherInvitationOfThatNameOrANewLink_IsTooLate()
    {
        DeviceInvitation another = Invitation(_token);
        another.Metadata.Uid = "another";
        _api.Answer(HttpStatusCode.Conflict, FakeApi.Status(409, "Conflict")).Answer(HttpStatusCode.OK, Json(another));
        Assert.Null(await WriteAsync());

        _api.Answer(HttpStatusCode.Conflict, FakeApi.Status(409, "Conflict"))
            .Answer(HttpStatusCode.OK, Json(Invitation(NewText())));
        Assert.Null(await WriteAsync());
    }

    [Fact]
    public async Task Write_Deleted_IsTooLate()
    {
        _api.Answer(HttpStatusCode.NotFound, FakeApi.Status(404, "NotFound"));
        Assert.Null(await WriteAsync());

        _api.Answer(HttpStatusCode.Conflict, FakeApi.Status(409, "Conflict"))
            .Answer(HttpStatusCode.NotFound, FakeApi.Status(404, "NotFound"));
        Assert.Null(await WriteAsync());
    }

    [Fact]
    public async Task Write_OvertakenAgainAndAgain_GivesUp()
    {
        _api.Default = request => Task.FromResult(request.Method == HttpMethod.Get
            ? new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(Json(Invitation(_token))) }
            : new HttpResponseMessage(HttpStatusCode.Conflict)
            {
                Content = new StringContent(FakeApi.Status(409, "Conflict")),
            });

        await Assert.ThrowsAsync<ApiException>(WriteAsync);
        Assert.Equal(7, _api.Requests.Count);
    }

    [Fact]
    public async Task Write_AlreadyExpired_AsksNobody()
    {
        Assert.Null(await _writer.WriteAsync(
            Invitation(_token, change: status => status.ExpiresAt = Now), Mine, TestContext.Current.CancellationToken));
        Assert.Empty(_api.Requests);
    }

    private Task<InvitationClaim?> WriteAsync() =>
        _writer.WriteAsync(Invitation(_token), Mine, TestContext.Current.CancellationToken);

    private static string Json(DeviceInvitation invitation) =>
        System.Text.Encoding.UTF8.GetString(ApiJson.Serialize(invitation));
}
