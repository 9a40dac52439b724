using CsCheck;
using k8s.Models;
using MailOperator.Kubernetes;

namespace MailOperator.UnitTests.Kubernetes;

/// <summary>An index against a scan of the whole store, and under many threads.</summary>
public sealed class ObjectIndexTests
{
    private const int Names = 5;
    private const int Tags = 3;

    // A thing has up to two tags, which may be the same one.
    private static readonly ObjectIndex<Thing, int> ByTag = new(static thing => thing.Tags.Distinct());
    private static readonly ObjectIndex<Thing, string> ByName = new(static thing => [thing.Metadata.Name]);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void ByIndex_AnyOrderOfPutsRemovalsAndRelists_IsWhatAScanFinds()
    {
        // Mutants: leave the old keys of an object that is replaced; forget a removal; make the index and not follow.
        Gen<Thing> things = Gen.Int[0, Names - 1].Select(Gen.Int[0, Tags - 1].Array[0, 2], Make);
        Gen.Int[0, 9].Select(things, things.Array[0, Names]).Array[0, 30].Sample(
            static steps =>
            {
                var store = new ObjectStore<Thing>();
                return steps.All(step =>
                {
                    Do(store, step.Item1, step.Item2, step.Item3);
                    return step.Item1 == 0 || IsAsScanned(store); // an index is made by the first look-up, at any time
                });
            },
            iter: 1000,
            threads: 1);
    }

    [Fact]
    public void ByIndex_UnknownKey_IsEmpty() => Assert.Empty(new ObjectStore<Thing>().ByIndex(ByTag, 7));

    [Fact]
    public void ByIndex_ObjectReplacedUnderTheSameKeys_GivesTheNewOne()
    {
        // Mutant: keep objects in the index and skip an update that moves nothing.
        var store = new ObjectStore<Thing>();
        store.Put(Make(1, [1]));
        Assert.Single(store.ByIndex(ByTag, 1));
        Thing replaced = Make(1, [1]);

        store.Put(replaced);

        Assert.Same(replaced, Assert.Single(store.ByIndex(ByTag, 1)));
    }

    [Fact]
    public async Task ByIndex_WhileTheStoreIsWritten_GivesOnlyObjectsOfThatKey()
    {
        // Mutant: no lock over store and index; a reader gets an object that has moved on, or looks up one that is
        // gone.
        var store = new ObjectStore<Thing>();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task<int>[] readers = [.. Enumerable.Range(0, 3).Select(tag => Task.Run(() => Read(tag), Token))];
        var random = new Random(1);
        for (int write = 0; write < 20_000; write++)
        {
            Thing thing = Make(random.Next(Names), [random.Next(Tags)]);
            if (write % 3 == 0)
            {
                store.TryRemove(thing.Key, out _);
            }
            else
            {
                store.Put(thing);
            }
        }

        await over.CancelAsync();
        Assert.All(await Task.WhenAll(readers), static strangers => Assert.Equal(0, strangers));

        int Read(int tag)
        {
            int strangers = 0;
            while (!over.IsCancellationRequested)
            {
                strangers += store.ByIndex(ByTag, tag).Count(thing => !thing.Tags.Contains(tag));
            }

            return strangers;
        }
    }

    private static void Do(ObjectStore<Thing> store, int step, Thing thing, Thing[] listed)
    {
        switch (step)
        {
            case < 6:
                store.Put(thing);
                break;
            case < 8:
                store.TryRemove(thing.Key, out _);
                break;
            default:
                foreach (Thing one in listed)
                {
                    store.Put(one);
                }

                foreach (ObjectKey gone in store.KeysMissingFrom(listed.Select(static one => one.Key).ToHashSet()))
                {
                    store.TryRemove(gone, out _);
                }

                break;
        }
    }

    private static bool IsAsScanned(ObjectStore<Thing> store) =>
        Enumerable.Range(0, Tags)
            .All(tag => IsSame(store.ByIndex(ByTag, tag), store.All.Where(thing => thing.Tags.Contains(tag))))
        && Enumerable.Range(0, Names).All(name =>
            IsSame(store.ByIndex(ByName, $"{name}"), store.All.Where(thing => thing.Metadata.Name == $"{name}")));

    private static bool IsSame(IReadOnlyList<Thing> found, IEnumerable<Thing> scanned) =>
        found.Distinct().Count() == found.Count && found.ToHashSet().SetEquals(scanned);

    private static Thing Make(int name, int[] tags) =>
        new() { Metadata = new V1ObjectMeta { NamespaceProperty = "ns", Name = $"{name}" }, Tags = tags };

    private sealed class Thing : ApiObject
    {
        public int[] Tags { get; init; } = [];
    }
}
