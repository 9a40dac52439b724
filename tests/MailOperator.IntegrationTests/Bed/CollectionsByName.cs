using Xunit.Sdk;
using Xunit.v3;

namespace MailOperator.IntegrationTests.Bed;

/// <summary>
/// What needs no operator runs first (it would write into the objects), what looks back over all the others last.
/// </summary>
public sealed class CollectionsByName : ITestCollectionOrderer
{
    public const string Operator = "operator";
    public const string Closing = "the whole run";

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(static collection => collection.TestCollectionDisplayName switch
        {
            Operator => 1,
            Closing => 2,
            _ => 0,
        }).ThenBy(static collection => collection.TestCollectionDisplayName, StringComparer.Ordinal)];
}
