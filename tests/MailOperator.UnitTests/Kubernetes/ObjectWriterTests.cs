using System.Text.Json.Nodes;
using MailOperator.Kubernetes;
using MailOperator.UnitTests.Kubernetes.Hostile;
using Microsoft.Extensions.Time.Testing;
using static MailOperator.UnitTests.Kubernetes.FakeApi;

namespace MailOperator.UnitTests.Kubernetes;

/// <summary>What is left on the server after each write, also when somebody wrote in between.</summary>
public sealed class ObjectWriterTests : IAsyncLifetime
{
    private const string Ours = "example.com/ours";
    private static readonly ObjectKey Key = new("ns", "a");
    private HostileApiServer _server = null!; // made in InitializeAsync
    private ObjectWriter _writer = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await HostileApiServer.StartAsync();
        _writer = new ObjectWriter(_server.Connect(new FakeTimeProvider()));
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(new string[0], new[] { Ours })]
    [InlineData(new[] { "other" }, new[] { "other", Ours })]
    [InlineData(new[] { "other", Ours }, new[] { "other", Ours })] // mutant: append without a look
    public async Task AddFinalizer_WhateverIsThere_IsThereOnceAfterwards(string[] present, string[] expected)
    {
        MetadataObject target = Put(present);

        await _writer.AddFinalizerAsync(Things, target, Ours, Token);

        Assert.Equal(expected, Finalizers());
    }

    [Fact]
    public async Task AddFinalizer_ListMadeByAnotherInBetween_IsNotOverwritten()
    {
        // Mutant: set the whole list without a test of the version.
        MetadataObject target = Put();
        Put("other");

        ApiException refusal = await Assert.ThrowsAsync<ApiException>(
            () => _writer.AddFinalizerAsync(Things, target, Ours, Token));

        Assert.True(refusal.IsConflict); // mutant: an error to be shouted about
        Assert.Equal(["other"], Finalizers());
    }

    [Fact]
    public async Task AddFinalizer_OursAddedByAnEarlierPassNotSeenYet_IsNotThereTwice()
    {
        MetadataObject target = Put("other");
        Put("other", Ours);

        await Assert.ThrowsAsync<ApiException>(() => _writer.AddFinalizerAsync(Things, target, Ours, Token));

        Assert.Equal(["other", Ours], Finalizers());
    }

    [Fact]
    public async Task AddFinalizer_AnotherObjectOfThatNameByNow_IsLeftAlone()
    {
        MetadataObject target = Put("other");
        _server.Store.Apply(Things, Key, static value => value["metadata"]!["uid"] = "another");

        await Assert.ThrowsAsync<ApiException>(() => _writer.AddFinalizerAsync(Things, target, Ours, Token));

        Assert.Equal(["other"], Finalizers());
    }

    [Theory]
    [InlineData(new[] { Ours }, new string[0])]
    [InlineData(new[] { "other", Ours, "third" }, new[] { "other", "third" })]
    [InlineData(new[] { "other" }, new[] { "other" })]
    public async Task RemoveFinalizer_WhateverIsThere_LeavesTheOthers(string[] present, string[] expected)
    {
        await _writer.RemoveFinalizerAsync(Things, Put(present), Ours, Token);

        Assert.Equal(expected, Finalizers());
    }

    [Fact]
    public async Task RemoveFinalizer_ListMovedInBetween_RemovesNoOthers()
    {
        // Mutant: no test of what is at the index; another's finalizer is taken off and its clean-up never runs.
        MetadataObject target = Put("first", Ours, "last");
        Put(Ours, "last");

        await Assert.ThrowsAsync<ApiException>(() => _writer.RemoveFinalizerAsync(Things, target, Ours, Token));

        Assert.Equal([Ours, "last"], Finalizers());
    }

    [Fact]
    public async Task RemoveFinalizer_TheLastOfADeletedObject_LetsItGo()
    {
        Put(Ours);
        _server.Store.Delete(Things, Key);

        await _writer.RemoveFinalizerAsync(Things, Read(), Ours, Token);

        Assert.Null(_server.Store.Find(Things, Key));
    }

    [Fact]
    public async Task RemoveFinalizer_ObjectGone_IsASuccess()
    {
        MetadataObject target = Put(Ours);
        _server.Store.Apply(Things, Key, static value => value["metadata"]!.AsObject().Remove("finalizers"));
        _server.Store.Delete(Things, Key);

        await _writer.RemoveFinalizerAsync(Things, target, Ours, Token);

        Assert.Equal(1, _server.Count("patch"));
    }

    [Fact]
    public async Task RemoveFinalizer_NotThere_AsksNothing()
    {
        await _writer.RemoveFinalizerAsync(Things, Put(), Ours, Token);

        Assert.Empty(_server.Requests);
    }

    [Fact]
    public async Task WriteStatus_OldOneHadMore_IsReplacedWhole()
    {
        // Mutant: merge; a field that is no longer true stays for ever.
        _server.Store.Apply(
            Things, Key, static value => value["status"] = new JsonObject { ["old"] = 1, ["phase"] = "Old" });

        await _writer.WriteStatusAsync(Things, Read(), """{"phase":"New"}"""u8.ToArray(), Token);

        Assert.Equal("""{"phase":"New"}""", _server.Store.Find(Things, Key)!["status"]!.ToJsonString());
        Assert.Equal("status", Assert.Single(_server.Requests).Subresource);
    }

    [Fact]
    public async Task WriteStatus_NoneYet_IsMade()
    {
        await _writer.WriteStatusAsync(Things, Put(), """{"phase":"New"}"""u8.ToArray(), Token);

        Assert.Equal("""{"phase":"New"}""", _server.Store.Find(Things, Key)!["status"]!.ToJsonString());
    }

    [Fact]
    public async Task WriteStatus_AnotherObjectOfThatNameByNow_IsLeftAlone()
    {
        // Mutant: no test of the UID; the new object shows the state of the old one.
        MetadataObject target = Put();
        _server.Store.Apply(Things, Key, static value => value["metadata"]!["uid"] = "another");

        await Assert.ThrowsAsync<ApiException>(
            () => _writer.WriteStatusAsync(Things, target, """{"phase":"New"}"""u8.ToArray(), Token));

        Assert.Null(_server.Store.Find(Things, Key)!["status"]);
    }

    [Fact]
    public async Task WriteStatus_ValueRefused_IsNoConflict()
    {
        // Mutant: take each 422 for somebody else's write; a status that the schema refuses is tried quietly for ever.
        MetadataObject target = Put();
        _server.Fail("patch", Fault.Invalid);

        ApiException refusal = await Assert.ThrowsAsync<ApiException>(
            () => _writer.WriteStatusAsync(Things, target, """{"phase":7}"""u8.ToArray(), Token));

        Assert.True(refusal.IsInvalid);
    }

    [Fact]
    public async Task WriteStatus_ObjectGone_IsASuccess()
    {
        MetadataObject target = Put();
        _server.Store.Delete(Things, Key);

        await _writer.WriteStatusAsync(Things, target, """{"phase":"New"}"""u8.ToArray(), Token);

        Assert.Null(_server.Store.Find(Things, Key));
    }

    [Fact]
    public async Task WriteStatus_UnknownFieldsOfTheObject_Survive()
    {
        // Mutant: put a typed object; what the type does not know is dropped.
        _server.Store.Apply(Things, Key, static value =>
        {
            value["metadata"]!["annotations"] = new JsonObject { ["others"] = "1" };
            value["spec"] = new JsonObject { ["fieldOfTomorrow"] = true };
        });

        await _writer.WriteStatusAsync(Things, Read(), """{"phase":"New"}"""u8.ToArray(), Token);

        JsonObject after = _server.Store.Find(Things, Key)!;
        Assert.Equal("""{"fieldOfTomorrow":true}""", after["spec"]!.ToJsonString());
        Assert.Equal("""{"others":"1"}""", after["metadata"]!["annotations"]!.ToJsonString());
    }

    private MetadataObject Put(params string[] finalizers)
    {
        _server.Store.Apply(Things, Key, value =>
        {
            value["metadata"]!.AsObject().Remove("finalizers");
            if (finalizers.Length > 0)
            {
                value["metadata"]!["finalizers"] = new JsonArray(
                    [.. finalizers.Select(static name => JsonValue.Create(name))]);
            }
        });
        return Read();
    }

    private MetadataObject Read() =>
        new()
        {
            Metadata = k8s.KubernetesJson.Deserialize<k8s.Models.V1ObjectMeta>(
                _server.Store.Find(Things, Key)!["metadata"]!.ToJsonString()),
        };

    private string[] Finalizers() =>
        [.. _server.Store.Find(Things, Key)!["metadata"]!["finalizers"]?.AsArray().Select(static name => (string)name!)
            ?? []];
}
