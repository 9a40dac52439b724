using MailOperator.IntegrationTests.Bed;

namespace MailOperator.IntegrationTests.Closing;

/// <summary>Checks everything that this run has done.</summary>
[Collection(CollectionsByName.Closing)]
[Trait(RunsTrait.Name, RunsTrait.Last)]
public sealed class RightsEnoughTests
{
    [Fact]
    public void Rights_ThatTheChartGives_WereEnough() =>
        Assert.DoesNotContain(AuditLog.Requests(), static request => request.IsForbidden);
}
