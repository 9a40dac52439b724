using MailOperator.Api;

namespace MailOperator.UnitTests.Api;

public sealed class StatusConditionsTests
{
    private static readonly DateTimeOffset Before = new(2026, 11, 25, 1, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Stamp_NewCondition_HasATimeInWholeSeconds() =>
        // Mutant: keep the fraction. The API server drops it, so the status would differ in every reconcile.
        Assert.Equal(
            (7, Before),
            DatesOf(StatusConditions.Stamp(
                Of("Ready", "True"), [Of("Stalled", "True")], generation: 7, Before.AddMilliseconds(700))));

    [Theory]
    [InlineData("True", "True", 0)]
    [InlineData("True", "False", 60)]
    [InlineData("Unknown", "True", 60)]
    public void Stamp_ConditionThatWasThere_KeepsItsTimeWithItsStatus(string before, string now, int seconds) =>
        Assert.Equal(
            (8, Before.AddSeconds(seconds)),
            DatesOf(StatusConditions.Stamp(
                Of("Ready", now), [Of("Ready", before) with { LastTransitionTime = Before }], generation: 8,
                Before.AddSeconds(60))));

    [Fact]
    public void Find_Type_IsThatOneOrNone()
    {
        Condition[] conditions = [Of("Ready", "True"), Of("Stalled", "False")];

        Assert.Same(conditions[1], StatusConditions.Find(conditions, "Stalled"));
        Assert.Null(StatusConditions.Find(conditions, "stalled"));
    }

    private static (long?, DateTimeOffset) DatesOf(Condition condition) =>
        (condition.ObservedGeneration, condition.LastTransitionTime);

    private static Condition Of(string type, string status) =>
        new() { Type = type, Status = status, Reason = "Reason", Message = "message" };
}
