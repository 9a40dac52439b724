using System.Text.Json.Nodes;
using static MailOperator.UnitTests.Kubernetes.InformerRig;

namespace MailOperator.UnitTests.Kubernetes;

/// <summary>Objects that do not fit their type, and those beside them.</summary>
public sealed class InformerObjectTests
{
    [Theory]
    [InlineData("""{"size":"not a number"}""")]
    [InlineData("""{"size":99999999999}""")]
    [InlineData("""{"at":"not a time"}""")]
    [InlineData("""{"at":7}""")]
    [InlineData("""["a list"]""")]
    [InlineData("\"a text\"")]
    [InlineData("null")]
    public async Task List_ObjectThatDoesNotFit_IsKeptWithWhatIsWrongAndTheOthersToo(string spec)
    {
        // Mutant: let the exception escape; one object then keeps the whole kind from being read.
        await using InformerRig rig = await StartAsync(prepare: server =>
        {
            server.Store.Apply(FakeApi.Things, Key("poison"), value => value["spec"] = JsonNode.Parse(spec));
            server.Store.Apply(
                FakeApi.Things, Key("sound"), static value => value["spec"] = new JsonObject { ["size"] = 3 });
        });
        await rig.SyncedAsync();

        Assert.NotNull(rig.Find("poison")!.DecodeError);
        Assert.Equal("uid-1", rig.Find("poison")!.Metadata.Uid);
        Assert.NotNull(rig.Find("poison")!.Spec); // whoever looks at it finds defaults, and no null where none can be
        Assert.Equal((3, null), (rig.Find("sound")!.Spec.Size, rig.Find("sound")!.DecodeError));
        Assert.Equal(1, rig.Counted("informer_undecodable_objects_total"));
    }

    [Fact]
    public async Task Watch_ObjectThatDidNotFit_IsMended_FitsAgain()
    {
        await using InformerRig rig = await (await StartAsync()).SyncedAsync();
        rig.Server.Store.Apply(FakeApi.Things, Key("a"), static value => value["spec"] = "poison");
        await Until.IsSoAsync(() => rig.Find("a")?.DecodeError is not null);

        rig.Put("a", size: 4);
        await Until.IsSoAsync(() => rig.Find("a")!.Spec.Size == 4);

        Assert.Null(rig.Find("a")!.DecodeError);
        Assert.Equal(1, rig.Server.Count("watch"));
    }

    [Theory]
    [InlineData("""{"resourceVersion":"500"}""")]
    [InlineData("""{"resourceVersion":"500","name":null}""")]
    [InlineData("""{"name":["a"],"resourceVersion":"500"}""")]
    [InlineData("null")]
    public async Task List_ObjectWithoutAName_IsCountedAndPassedOver(string metadata)
    {
        await using var api = new ListThenSilence(
            FakeApi.List("5", $$"""{"metadata":{{metadata}}}""", FakeApi.Thing("sound", "2"), "null", "7"));

        await Until.IsSoAsync(() => api.Informer.HasSynced);

        Assert.Equal("sound", Assert.Single(api.Informer.Store.All).Metadata.Name);
    }

    [Fact]
    public async Task Changed_IsCalledOnceTheStoreHolds_WhatItTells()
    {
        await using InformerRig rig = await (await StartAsync()).SyncedAsync();
        var seen = new List<bool>();
        rig.Informer.Changed += (_, after) => seen.Add(ReferenceEquals(rig.Find("a"), after));

        rig.Put("a");
        rig.Put("a", size: 2);
        rig.Delete("a");
        await Until.IsSoAsync(() => seen.Count == 3);

        Assert.Equal([true, true, true], seen);
    }

    [Fact]
    public async Task List_BookkeepingOfOtherTools_IsNotKept()
    {
        const string Applied = "kubectl.kubernetes.io/last-applied-configuration";
        await using InformerRig rig = await StartAsync(
            prepare: static server => server.Store.Apply(FakeApi.Things, Key("a"), static value =>
            {
                value["metadata"]!["annotations"] = new JsonObject
                {
                    [Applied] = "{}",
                    ["mailoperator.io/mine"] = "1",
                };
                value["metadata"]!["labels"] = new JsonObject { ["team"] = "shop" };
                value["metadata"]!["managedFields"] = new JsonArray(new JsonObject { ["manager"] = "kubectl" });
            }));
        await rig.SyncedAsync();

        Assert.Equal("mailoperator.io/mine", Assert.Single(rig.Find("a")!.Metadata.Annotations).Key);
        Assert.Null(rig.Find("a")!.Metadata.Labels);
        Assert.Null(rig.Find("a")!.Metadata.ManagedFields);
    }

    [Fact]
    public async Task Watch_ServerRestoredFromABackup_ListsAgainThoughVersionsWentBack()
    {
        // Mutant: compare versions as numbers and wait for one that is higher.
        await using var api = new ListThenSilence(
            FakeApi.List("900", FakeApi.Thing("a", "800"), FakeApi.Thing("lost", "850")),
            FakeApi.VersionTooLarge,
            FakeApi.List("120", FakeApi.Thing("a", "110")));

        await Until.IsSoAsync(api.Clock, TimeSpan.FromSeconds(1), () => api.Requests == 4);

        Assert.Equal("110", Assert.Single(api.Informer.Store.All).Metadata.ResourceVersion);
    }

    [Fact]
    public async Task List_AnotherObjectWithTheSameNameAndVersion_IsToldAsAnother()
    {
        // Mutant: identify an object by its version alone; after a restore versions are used a second time.
        await using var api = new ListThenSilence(
            FakeApi.List("900", FakeApi.Thing("a", "800", uid: "A")),
            FakeApi.Event("ERROR", FakeApi.Status(410, "Expired")),
            FakeApi.List("810", FakeApi.Thing("a", "800", uid: "B")));

        await Until.IsSoAsync(api.Clock, TimeSpan.FromSeconds(1), () => api.Requests == 4);

        Assert.Equal([">A", "A>B"], api.Changes);
    }

    [Fact]
    public async Task Watch_ErrorThatIsNoGone_ListsAgainToo()
    {
        await using var api = new ListThenSilence(
            FakeApi.List("5", FakeApi.Thing("a", "1")),
            FakeApi.Event("ERROR", FakeApi.Status(500, "InternalError")),
            FakeApi.List("6", FakeApi.Thing("b", "6")));

        await Until.IsSoAsync(api.Clock, TimeSpan.FromSeconds(1), () => api.Requests == 4);

        Assert.Equal("b", Assert.Single(api.Informer.Store.All).Metadata.Name);
    }
}
