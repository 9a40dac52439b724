using Xunit.Sdk;
using Xunit.v3;

namespace MailOperator.IntegrationTests.Bed;

/// <summary>
/// Runs tests that need no operator first, because it would write to their objects, and tests that check all others
/// last.
/// </summary>
public sealed class CollectionsByName : ITestCollectionOrderer
{
    public const string Operator = "operator";
    public const string Closing = "the whole run";

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(
        IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(static collection => collection.TestCollectionDisplayName switch
        {
            Operator => 1,
            Closing => 2,
            _ => 0,
        }).ThenBy(static collection => collection.TestCollectionDisplayName, StringComparer.Ordinal)];
}
