using MailOperator.Kubernetes;
using MailOperator.UnitTests.Kubernetes.Hostile;
using static MailOperator.UnitTests.Kubernetes.InformerRig;

namespace MailOperator.UnitTests.Kubernetes;

public sealed class InformerTests
{
    [Fact]
    public async Task Start_ListInPages_ReadsAllAndWatchesFromThere()
    {
        await using InformerRig rig = await StartAsync(new InformerOptions { PageSize = 2 }, prepare: static server =>
        {
            for (int number = 0; number < 5; number++)
            {
                server.Store.Apply(FakeApi.Things, Key($"thing-{number}"));
            }
        });
        await rig.SyncedAsync();

        Assert.True(rig.EqualsServer());
        Assert.Equal(
            ["", "105:ns/thing-1", "105:ns/thing-3"],
            rig.Server.Requests.Take(3).Select(static request => $"{request.Query["continue"]}"));
        Assert.Equal(("watch", "true", "105"), (
            rig.Server.Requests[3].Verb, $"{rig.Server.Requests[3].Query["allowWatchBookmarks"]}",
            $"{rig.Server.Requests[3].Query["resourceVersion"]}"));
    }

    [Fact]
    public async Task Start_NothingThere_IsSyncedToo()
    {
        // Mutant: stumble over the null that a Go server writes for an empty list.
        await using InformerRig rig = await (await StartAsync()).SyncedAsync();

        Assert.Equal(0, rig.Informer.Store.Count);
        Assert.Equal(1, rig.Server.Count("list"));
    }

    [Fact]
    public async Task Start_PagesUnderWay_IsNotSyncedYet()
    {
        // Mutant: be ready after the first page; what is on the others looks deleted to whoever asks.
        await using InformerRig rig = await StartAsync(new InformerOptions { PageSize = 1 }, prepare: static server =>
        {
            server.Store.Apply(FakeApi.Things, Key("a"));
            server.Store.Apply(FakeApi.Things, Key("b"));
            server.Fail("list", Fault.None, Fault.Silence);
        });

        await Until.IsSoAsync(() => rig.Server.Count("list") == 2);

        Assert.False(rig.Informer.HasSynced);
        Assert.False(rig.Informer.WaitForSyncAsync(TestContext.Current.CancellationToken).IsCompleted);
    }

    [Fact]
    public async Task Start_ServerDown_IsTriedUntilItAnswers()
    {
        await using InformerRig rig = await StartAsync(
            prepare: static server => server.Fail(
                "list", Fault.ServerError, Fault.Reset, Fault.Forbidden, Fault.Throttled, Fault.LostResponse));

        await rig.AdvanceAsync(() => rig.Informer.HasSynced);

        Assert.Equal(6, rig.Server.Count("list"));
    }

    [Fact]
    public async Task Watch_AddedChangedDeleted_TellsBeforeAndAfter()
    {
        await using InformerRig rig = await (await StartAsync()).SyncedAsync();

        rig.Put("a");
        rig.Put("a", size: 2);
        rig.Delete("a");
        await Until.IsSoAsync(() => rig.Changes.Count == 3);

        Assert.Equal([">a/uid-1/101", "a/uid-1/101>a/uid-1/102", "a/uid-1/102>"], rig.Changes);
        Assert.Equal(0, rig.Informer.Store.Count);
    }

    [Fact]
    public async Task Watch_DeletedAndMadeAnew_TellsTheEndOfOneAndTheBeginningOfTheOther()
    {
        await using InformerRig rig = await (await StartAsync()).SyncedAsync();
        rig.Put("a");

        rig.Delete("a");
        rig.Put("a");
        await Until.IsSoAsync(() => rig.Changes.Count == 3);

        Assert.Equal([">a/uid-1/101", "a/uid-1/101>", ">a/uid-2/103"], rig.Changes);
        Assert.Equal("uid-2", rig.Find("a")!.Metadata.Uid);
    }
}
