using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using MailOperator.Kubernetes;
using MailOperator.Tests;
using MailOperator.UnitTests.Kubernetes.Hostile;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.UnitTests.Kubernetes;

/// <summary>An informer of things on a hostile server, and all that it told.</summary>
internal sealed class InformerRig : IAsyncDisposable
{
    private readonly RuntimeMetrics _metrics = new();
    private readonly ConcurrentQueue<string> _changes = new();

    private InformerRig(HostileApiServer server, InformerOptions options, Selection selection)
    {
        Server = server;
        Informer = new Informer<Widget>(
            server.Connect(Clock), FakeApi.Things, selection, options, _metrics, Clock, new Random(1),
            NullLogger<Informer<Widget>>.Instance);
        Informer.Changed += (before, after) => _changes.Enqueue($"{Say(before)}>{Say(after)}");
    }

    public HostileApiServer Server { get; }

    public FakeTimeProvider Clock { get; } = new();

    public Informer<Widget> Informer { get; }

    /// <summary>"name/uid/version" before, ">", and the same after; nothing where there was nothing.</summary>
    public IReadOnlyList<string> Changes => [.. _changes];

    public static async Task<InformerRig> StartAsync(
        InformerOptions? options = null, Selection? selection = null, Action<HostileApiServer>? prepare = null)
    {
        HostileApiServer server = await HostileApiServer.StartAsync();
        prepare?.Invoke(server);
        var rig = new InformerRig(server, options ?? new InformerOptions(), selection ?? Selection.Everything);
        await rig.Informer.StartAsync(TestContext.Current.CancellationToken);
        return rig;
    }

    /// <summary>Until the first list is in and the watch is open.</summary>
    public async Task<InformerRig> SyncedAsync()
    {
        await Until.IsSoAsync(() => Informer.HasSynced && Server.OpenWatches == 1);
        return this;
    }

    public static ObjectKey Key(string name) => new("ns", name);

    public JsonObject Put(string name, int size = 0) =>
        Server.Store.Apply(FakeApi.Things, Key(name), value => value["spec"] = new JsonObject { ["size"] = size });

    public void Delete(string name) => Server.Store.Delete(FakeApi.Things, Key(name));

    public Widget? Find(string name) => Informer.Store.Find(Key(name));

    public long Counted(string counter) => (long)MetricsPage.Read(_metrics).Sum("mail_operator_" + counter);

    /// <summary>Whether the store holds what the server holds, version by version.</summary>
    public bool EqualsServer() => Server.Store.All(FakeApi.Things.CollectionPath(null))
        .Select(static value =>
            $"{(string)value["metadata"]!["name"]!}/{(string)value["metadata"]!["uid"]!}/"
            + $"{(string)value["metadata"]!["resourceVersion"]!}")
        .ToHashSet().SetEquals(Informer.Store.All.Select(Say));

    /// <summary>Lets time pass until a connection that was given up is made again.</summary>
    public Task<TimeSpan> AdvanceAsync(
        Func<bool> condition, int seconds = 1, [CallerArgumentExpression(nameof(condition))] string what = "") =>
        Server.AdvanceAsync(Clock, TimeSpan.FromSeconds(seconds), condition, what);

    public async ValueTask DisposeAsync()
    {
        await Informer.StopAsync(CancellationToken.None);
        Informer.Dispose();
        await Server.DisposeAsync();
    }

    private static string Say(Widget? widget) =>
        widget is null ? "" : $"{widget.Metadata.Name}/{widget.Metadata.Uid}/{widget.Metadata.ResourceVersion}";
}

internal sealed class Widget : ApiObject
{
    public WidgetSpec Spec { get; set; } = new();
}

internal sealed class WidgetSpec
{
    public int Size { get; set; }

    public DateTimeOffset? At { get; set; }
}
