using MailOperator.Benchmarks.Figures;

namespace MailOperator.UnitTests.Benchmarks;

public sealed class TargetTests
{
    [Theory]
    [InlineData(4.0, Verdict.Met)]
    [InlineData(4.1, Verdict.Missed)]
    [InlineData(null, Verdict.Missed)]
    public void AtMost_AValue_IsMetUpToIt(double? measured, object verdict) =>
        Assert.Equal(verdict, Target.AtMost(4).Judge(measured, limit: null));

    [Theory]
    [InlineData(13.0, 10.0, Verdict.Met)]
    [InlineData(13.1, 10.0, Verdict.Missed)]
    [InlineData(13.0, null, Verdict.Missed)]
    [InlineData(13.0, 0.0, Verdict.Missed)]
    [InlineData(null, 10.0, Verdict.Missed)]
    public void AtMostTimes_ALimit_IsMetUpToTheMultiple(double? measured, double? limit, object verdict) =>
        Assert.Equal(verdict, Target.AtMostTimes(1.3).Judge(measured, limit));

    [Theory]
    [InlineData(85.0, 100.0, Verdict.Met)]
    [InlineData(84.0, 100.0, Verdict.Missed)]
    [InlineData(84.0, null, Verdict.Missed)]
    [InlineData(double.NaN, 100.0, Verdict.Missed)]
    public void AtLeastTimes_ALimit_IsMetFromTheMultiple(double? measured, double? limit, object verdict) =>
        Assert.Equal(verdict, Target.AtLeastTimes(0.85).Judge(measured, limit));

    [Fact]
    public void None_Measured_IsShownAndOtherwiseMissed()
    {
        Assert.Equal(Verdict.Shown, Target.None.Judge(1, limit: null));
        Assert.Equal(Verdict.Missed, Target.None.Judge(null, limit: null));
    }

    [Fact]
    public void Ratio_IsToTheLimitOrToTheValue()
    {
        Assert.Equal(2, Target.AtMost(4).Ratio(8, limit: null));
        Assert.Null(Target.AtMost(0).Ratio(8, limit: null));
        Assert.Equal(0.8, Target.AtLeastTimes(0.85).Ratio(8, limit: 10));
        Assert.Null(Target.AtMostTimes(1.3).Ratio(null, limit: 10));
    }

    [Fact]
    public void Text_SaysWhatIsAskedFor()
    {
        Assert.Equal("≤ 5 ms", Target.AtMost(5).Text("ms"));
        Assert.Equal("≤ 4", Target.AtMost(4).Text(""));
        Assert.Equal("≤ 1.3 × limit", Target.AtMostTimes(1.3).Text("ms"));
        Assert.Equal("≥ 0.85 × limit", Target.AtLeastTimes(0.85).Text("/s"));
        Assert.Equal("", Target.None.Text("/s"));
    }
}
