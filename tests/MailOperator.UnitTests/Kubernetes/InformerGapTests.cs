using MailOperator.Kubernetes;
using MailOperator.UnitTests.Kubernetes.Hostile;
using static MailOperator.UnitTests.Kubernetes.InformerRig;

namespace MailOperator.UnitTests.Kubernetes;

/// <summary>Changes during a gap of the watch are reported afterwards, each once.</summary>
public sealed class InformerGapTests
{
    [Theory]
    [InlineData(Fault.GoneEvent, Fault.GoneEvent)]
    [InlineData(Fault.EndOfStream, Fault.GoneEvent)]
    // Mutant: know a 410 only as an event, and ask for the same version for ever.
    [InlineData(Fault.EndOfStream, Fault.GoneStatus)]
    [InlineData(Fault.Reset, Fault.GoneEvent)]
    [InlineData(Fault.Reset, Fault.GoneStatus)]
    public async Task Watch_GapAndForgottenVersion_OneListTellsEveryChangeOnce(Fault fault, Fault goneAs)
    {
        await using InformerRig rig = await StartAsync(prepare: server => server.GoneAs = goneAs);
        string[] before = await FillAsync(rig, 20);
        rig.Server.BreakWatches(Fault.Silence);
        string[] expected = ChangeBehindItsBack(rig);
        rig.Server.Store.Compact();

        rig.Server.BreakWatches(fault);
        await rig.AdvanceAsync(
            () => rig.EqualsServer() && rig.Server.Count("watch") >= 2 && rig.Server.OpenWatches == 1);

        // Mutant: put the list into the store without a comparison; deletions in the gap are never reported.
        Assert.Equal(expected.Order(), rig.Changes.Skip(before.Length).Order());
        Assert.Equal(2, rig.Server.Count("list"));
    }

    [Theory]
    [InlineData(Fault.EndOfStream)]
    [InlineData(Fault.Reset)]
    public async Task Watch_GapAndRememberedVersion_GoesOnWithoutAList(Fault fault)
    {
        await using InformerRig rig = await StartAsync();
        string[] before = await FillAsync(rig, 20);
        rig.Server.BreakWatches(Fault.Silence);
        string[] expected = ChangeBehindItsBack(rig);

        rig.Server.BreakWatches(fault);
        await rig.AdvanceAsync(rig.EqualsServer);

        Assert.Equal(expected.Order(), rig.Changes.Skip(before.Length).Order());
        Assert.Equal(1, rig.Server.Count("list"));
    }

    [Theory]
    [InlineData(Fault.BrokenLine)]
    [InlineData(Fault.ForeignLine)]
    public async Task Watch_LineThatIsNoEvent_ListsAgain(Fault fault)
    {
        // Mutant: continue from the last version; the line may have been an event.
        await using InformerRig rig = await StartAsync();
        string[] before = await FillAsync(rig, 20);
        rig.Server.BreakWatches(Fault.Silence);
        string[] expected = ChangeBehindItsBack(rig);

        rig.Server.BreakWatches(fault);
        await rig.AdvanceAsync(rig.EqualsServer);

        Assert.Equal(expected.Order(), rig.Changes.Skip(before.Length).Order());
        Assert.Equal(2, rig.Server.Count("list"));
    }

    [Fact]
    public async Task Watch_MadeAnewInTheGap_TellsBothUidsInOneChange()
    {
        await using InformerRig rig = await StartAsync(
            prepare: static server => server.Store.Apply(FakeApi.Things, Key("a")));
        await rig.SyncedAsync();
        rig.Server.BreakWatches(Fault.Silence);
        rig.Delete("a");
        rig.Put("a");
        rig.Server.Store.Compact();

        rig.Server.BreakWatches(Fault.EndOfStream);
        await rig.AdvanceAsync(rig.EqualsServer);

        Assert.Equal("a/uid-1/101>a/uid-2/103", rig.Changes[^1]);
        Assert.Equal(2, rig.Changes.Count);
    }

    [Fact]
    public async Task List_ForgottenBetweenTwoPages_BeginsAgainAndForgetsNothing()
    {
        await using InformerRig rig = await StartAsync(new InformerOptions { PageSize = 2 }, prepare: static server =>
        {
            for (int number = 0; number < 5; number++)
            {
                server.Store.Apply(FakeApi.Things, Key($"thing-{number}"));
            }

            server.Fail("list", Fault.None, Fault.GoneStatus);
        });

        await rig.AdvanceAsync(() => rig.Informer.HasSynced);

        Assert.True(rig.EqualsServer());
        Assert.Equal(5, rig.Changes.Count);
        Assert.Equal(5, rig.Server.Count("list"));
    }

    [Fact]
    public async Task List_CutInTheMiddle_TellsNothingAsVanished()
    {
        // Mutant: compare the store with the pages that came before the list broke.
        await using InformerRig rig = await StartAsync(new InformerOptions { PageSize = 2 });
        string[] before = await FillAsync(rig, 6);
        rig.Server.Store.Compact();
        rig.Server.Store.Bookmark();
        rig.Server.Store.Compact();
        rig.Server.BreakWatches(Fault.GoneEvent);
        rig.Server.Fail("list", Fault.Reset, Fault.ServerError, Fault.Forbidden, Fault.Throttled);

        await rig.AdvanceAsync(() => rig.Server.Count("watch") == 2);

        Assert.Equal(before.Length, rig.Changes.Count);
        Assert.Equal(6, rig.Informer.Store.Count);
    }

    private static async Task<string[]> FillAsync(InformerRig rig, int count)
    {
        await rig.SyncedAsync();
        for (int number = 0; number < count; number++)
        {
            rig.Put($"thing-{number}", number);
        }

        await Until.IsSoAsync(() => rig.EqualsServer() && rig.Changes.Count == count);
        return [.. rig.Changes];
    }

    /// <summary>Deletes five, creates five and changes five; returns the expected reports.</summary>
    private static string[] ChangeBehindItsBack(InformerRig rig)
    {
        var expected = new List<string>();
        for (int number = 0; number < 5; number++)
        {
            expected.Add($"{Said(rig.Find($"thing-{number}")!)}>");
            rig.Delete($"thing-{number}");
            string made = Said(rig.Put($"new-{number}"));
            expected.Add($">{made}");
            string old = Said(rig.Find($"thing-{number + 5}")!);
            string changed = Said(rig.Put($"thing-{number + 5}", size: 100));
            expected.Add($"{old}>{changed}");
        }

        return [.. expected];
    }

    private static string Said(ApiObject value) =>
        $"{value.Metadata.Name}/{value.Metadata.Uid}/{value.Metadata.ResourceVersion}";

    private static string Said(System.Text.Json.Nodes.JsonObject value) =>
        $"{(string)value["metadata"]!["name"]!}/{(string)value["metadata"]!["uid"]!}/"
        + $"{(string)value["metadata"]!["resourceVersion"]!}";
}
