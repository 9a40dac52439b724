using MailOperator.Kubernetes;
using MailOperator.UnitTests.Kubernetes.Hostile;
using static MailOperator.UnitTests.Kubernetes.InformerRig;

namespace MailOperator.UnitTests.Kubernetes;

/// <summary>How an informer keeps its connection, and what it asks for over it.</summary>
public sealed class InformerConnectionTests
{
    private static readonly InformerOptions Options = new();

    [Fact]
    public async Task Watch_BlackHole_IsLeftAfterTheIdleTimeoutAndNothingIsMissed()
    {
        // Mutant: no watchdog. On HTTP/1.1 nothing else ever ends such a connection.
        await using InformerRig rig = await (await StartAsync()).SyncedAsync();
        rig.Server.BreakWatches(Fault.Silence);
        rig.Put("a");

        TimeSpan passed = await rig.AdvanceAsync(rig.EqualsServer, seconds: 2);

        Assert.InRange(passed, Options.IdleTimeout, Options.IdleTimeout + TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Watch_ConnectedAndNeverAnswered_IsLeftToo()
    {
        // Mutant: start the idle timeout only after the headers.
        await using InformerRig rig = await StartAsync(prepare: static server => server.Fail("watch", Fault.Silence));
        await Until.IsSoAsync(() => rig.Server.Count("watch") == 1);

        TimeSpan passed = await rig.AdvanceAsync(() => rig.Server.OpenWatches == 1, seconds: 2);

        Assert.InRange(passed, Options.IdleTimeout, Options.IdleTimeout + TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Watch_BookmarksOnly_IsKept()
    {
        await using InformerRig rig = await (await StartAsync()).SyncedAsync();
        string last = "";
        for (int minute = 0; minute < 10; minute++)
        {
            rig.Clock.Advance(TimeSpan.FromMinutes(1));
            rig.Server.Store.Bookmark();
            last = $"mark-{minute}";
            rig.Put(last); // shows that the bookmark before it has been read
            await Until.IsSoAsync(() => rig.Find(last) is not null);
        }

        Assert.Equal(1, rig.Server.Count("watch"));
    }

    [Fact]
    public async Task Watch_ManyBlackHoles_LeaveNoConnectionBehind()
    {
        await using InformerRig rig = await (await StartAsync()).SyncedAsync();
        for (int round = 2; round <= 15; round++)
        {
            rig.Server.BreakWatches(Fault.Silence);
            await rig.AdvanceAsync(() => rig.Server.Count("watch") == round, seconds: 50);
            await Until.IsSoAsync(() => rig.Server.OpenWatches == 1);
        }

        Assert.Equal(1, rig.Server.Count("list"));
    }

    [Fact]
    public async Task Watch_EndsAtOnceEachTime_IsNotAskedForWithoutAPause()
    {
        // Mutant: reconnect at once after a stream that ended in good order; a proxy that answers so is hammered.
        await using InformerRig rig = await StartAsync(
            prepare: static server => server.Fail("watch", [.. Enumerable.Repeat(Fault.EndOfStream, 500)]));
        await Until.IsSoAsync(() => rig.Server.Count("watch") > 0);

        // The clock stands still from here on: only a mutant without backoff reconnects.
        for (int turn = 0; turn < 5000 && rig.Server.Count("watch") == 1; turn++)
        {
            await Task.Yield();
        }

        Assert.Equal(1, rig.Server.Count("watch"));
    }

    [Fact]
    public async Task Watch_BookmarkAndThenForgottenPast_GoesOnFromTheBookmark()
    {
        // Mutant: ignore the version of bookmarks; a quiet kind would be relisted at each reconnect.
        await using InformerRig rig = await (await StartAsync()).SyncedAsync();
        rig.Server.Store.Bookmark();
        rig.Server.Store.Compact();

        rig.Server.BreakWatches(Fault.EndOfStream);
        await rig.AdvanceAsync(() => rig.Server.Count("watch") == 2);

        Assert.Equal("101", rig.Server.Requests[^1].Query["resourceVersion"]);
        Assert.Equal(1, rig.Server.Count("list"));
    }

    [Fact]
    public async Task Relist_NothingChanged_TellsNobody()
    {
        await using InformerRig rig = await StartAsync(
            new InformerOptions { RelistInterval = TimeSpan.FromMinutes(10) },
            prepare: static server => server.Store.Apply(FakeApi.Things, Key("a")));
        await rig.SyncedAsync();

        TimeSpan passed = await rig.AdvanceAsync(() => rig.Server.Count("list") == 2, seconds: 10);
        await Until.IsSoAsync(() => rig.Counted("informer_relists_total") == 2);

        Assert.Single(rig.Changes);
        Assert.True(passed > TimeSpan.FromMinutes(9), $"listed again after {passed}");
    }

    [Fact]
    public async Task Watch_AsksForBetweenFiveAndTenMinutes()
    {
        await using InformerRig rig = await (await StartAsync()).SyncedAsync();

        Assert.InRange(int.Parse(rig.Server.Requests[^1].Query["timeoutSeconds"]!), 300, 600);
    }

    [Fact]
    public async Task Selection_MetadataOnly_AsksForNoMoreAndKeepsNoMore()
    {
        await using InformerRig rig = await StartAsync(
            selection: new Selection("ns", "app=mail", MetadataOnly: true),
            prepare: static server =>
                server.Store.Apply(FakeApi.Things, Key("a"), static value => value["spec"] = "secret"));
        await rig.SyncedAsync();

        Assert.Equal("", rig.Find("a")!.DecodeError ?? "");
        Assert.All(rig.Server.Requests, static request => Assert.Equal("app=mail", request.Query["labelSelector"]));
        Assert.All(
            rig.Server.Requests,
            static request => Assert.Equal("apis/example.com/v1/namespaces/ns/things", request.Path));
        Assert.Equal(
            [
                "application/json; as=PartialObjectMetadataList; g=meta.k8s.io; v=v1",
                "application/json; as=PartialObjectMetadata; g=meta.k8s.io; v=v1",
            ],
            rig.Server.Requests.Select(static request => request.Accept));
    }

    [Fact]
    public async Task Stop_WhileTheServerIsSilent_Ends()
    {
        await using InformerRig rig = await StartAsync(prepare: static server => server.Fail("list", Fault.Silence));
        await Until.IsSoAsync(() => rig.Server.Count("list") == 1);

        await rig.Informer.StopAsync(CancellationToken.None);

        Assert.True(rig.Informer.ExecuteTask!.IsCompletedSuccessfully);
    }
}
