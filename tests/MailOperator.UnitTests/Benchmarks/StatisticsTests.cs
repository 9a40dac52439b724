using MailOperator.Benchmarks.Figures;

namespace MailOperator.UnitTests.Benchmarks;

public sealed class StatisticsTests
{
    [Theory]
    [InlineData(50, 50)]
    [InlineData(99, 99)]
    [InlineData(100, 100)]
    [InlineData(0.1, 1)]
    public void Percentile_OfAHundred_IsTheNearestRank(double percent, double expected) =>
        Assert.Equal(
            expected, Statistics.Percentile(Enumerable.Range(1, 100).Reverse().Select(x => (double)x), percent));

    [Fact]
    public void Percentile99_OfFewValues_IsTheHighest() => Assert.Equal(7, Statistics.Percentile([7, 1, 3], 99));

    [Theory]
    [InlineData(new double[] { 5 }, 5)]
    [InlineData(new double[] { 9, 1, 5 }, 5)]
    [InlineData(new double[] { 9, 1, 5, 6 }, 5.5)]
    public void Median_IsTheMiddle(double[] values, double expected) =>
        Assert.Equal(expected, Statistics.Median(values));

    [Fact]
    public void NoValues_HaveNone()
    {
        Assert.Throws<ArgumentException>(static () => Statistics.Median([]));
        Assert.Throws<ArgumentException>(static () => Statistics.Percentile([], 50));
    }
}
