using System.Net;
using MailOperator.Api;
using MailOperator.Kubernetes;
using MailOperator.Reporting;
using MailOperator.UnitTests.Kubernetes;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.UnitTests.Reporting;

public sealed class StatusPublisherTests : IDisposable
{
    private static readonly MailUser User = new()
    {
        Metadata = new() { Name = "ada", NamespaceProperty = "shop", Uid = "uid-ada", ResourceVersion = "1" },
    };

    private readonly FakeApi _api = new();
    private readonly StatusPublisher _publisher;

    public StatusPublisherTests()
    {
        _publisher = new StatusPublisher(ApiGroup.MailUsers, new ObjectWriter(_api.Connect(new FakeTimeProvider())));
        _api.Default = static _ => Answer(HttpStatusCode.OK, "{}");
    }

    [Fact]
    public async Task Publish_NoStatusYet_Writes()
    {
        Assert.True(await PublishAsync(before: null, after: 0));

        Assert.Contains("\"devices\":0", Assert.Single(_api.Requests).Body);
    }

    [Fact]
    public async Task Publish_AsTheInformerShows_WritesNothing()
    {
        Assert.False(await PublishAsync(before: 1, after: 1));

        Assert.Empty(_api.Requests);
    }

    [Fact]
    public async Task Publish_BackToWhatAStaleInformerShows_Writes()
    {
        await PublishAsync(before: 1, after: 2);

        Assert.True(await PublishAsync(before: 1, after: 1)); // mutant: compare with the informer alone; 2 would stay

        Assert.Contains("\"devices\":1", _api.Requests[^1].Body);
    }

    [Fact]
    public async Task Publish_AsWrittenAndSeen_WritesNothing()
    {
        await PublishAsync(before: 1, after: 2);

        Assert.False(await PublishAsync(before: 2, after: 2));
    }

    [Fact]
    public async Task Publish_AfterAWriteWhoseResponseWasLost_WritesAgain()
    {
        _api.Answer(static _ => throw new HttpRequestException("connection reset"));
        await Assert.ThrowsAnyAsync<Exception>(() => PublishAsync(before: 1, after: 2));

        Assert.True(await PublishAsync(before: 1, after: 1)); // mutant: remember it after the write
    }

    [Fact]
    public async Task Publish_TheSameOverTheSameVersion_WritesNothing()
    {
        await PublishAsync(before: 1, after: 2);

        Assert.False(await PublishAsync(before: 1, after: 2)); // mutant: write again while the informer lags
    }

    [Fact]
    public async Task Publish_WhatSomebodyElseHasPutBack_WritesAgain()
    {
        await PublishAsync(before: 1, after: 2);

        // Mutant: whatever the version. The status that somebody else wrote would stay.
        Assert.True(await PublishAsync(before: 1, after: 2, version: "3"));
    }

    [Fact]
    public async Task Publish_TheSameAfterALostResponse_WritesAgain()
    {
        _api.Answer(static _ => throw new HttpRequestException("connection reset"));
        await Assert.ThrowsAnyAsync<Exception>(() => PublishAsync(before: 1, after: 2));

        Assert.True(await PublishAsync(before: 1, after: 2)); // mutant: take it for written
    }

    [Fact]
    public async Task Publish_ObjectThatIsGone_IsNoError()
    {
        _api.Answer(HttpStatusCode.NotFound, FakeApi.Status(404, "NotFound"));

        Assert.True(await PublishAsync(before: null, after: 1));
    }

    [Fact]
    public async Task Forget_NextObjectOfThatName_IsComparedWithItsOwnStatus()
    {
        await PublishAsync(before: 1, after: 2);

        _publisher.Forget(User.Key);

        Assert.False(await PublishAsync(before: 1, after: 1));
    }

    public void Dispose() => _api.Dispose();

    private static Task<HttpResponseMessage> Answer(HttpStatusCode status, string body) =>
        Task.FromResult(new HttpResponseMessage(status) { Content = new StringContent(body) });

    private Task<bool> PublishAsync(int? before, int after, string version = "1") => _publisher.PublishAsync(
        new MailUser
        {
            Metadata = new()
            {
                Name = "ada",
                NamespaceProperty = "shop",
                Uid = User.Metadata.Uid,
                ResourceVersion = version,
            },
        },
        before is null ? null : new MailUserStatus { Devices = before },
        new MailUserStatus { Devices = after },
        TestContext.Current.CancellationToken);
}
