using CsCheck;
using MailOperator.Api;

namespace MailOperator.UnitTests.Api;

public sealed class DurationsTests
{
    [Fact]
    public void Format_AnyDuration_ReadsBackAsItself() => Gen.Int[0, int.MaxValue].Sample(static seconds =>
        Durations.Parse(Durations.Format(TimeSpan.FromSeconds(seconds))) == TimeSpan.FromSeconds(seconds));

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(1, "1s")]
    [InlineData(60, "1m")]
    [InlineData(3600, "1h")]
    [InlineData(86400, "1d")]
    [InlineData(90 * 86400, "90d")]
    [InlineData(129600, "1d12h")]
    [InlineData(93784, "1d2h3m4s")]
    public void Format_Duration_IsTheShortestText(int seconds, string expected) =>
        Assert.Equal(expected, Durations.Format(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData("36500d", 36_500)]
    [InlineData("876000h", 36_500)]
    [InlineData("007d", 7)]
    public void Parse_LargeOrPadded_IsRead(string text, int days) =>
        Assert.Equal(TimeSpan.FromDays(days), Durations.Parse(text));

    [Theory]
    [InlineData("36500d1s")] // longer durations could overflow a date
    [InlineData("36501d")]
    [InlineData("999999999d999999999h999999999m999999999s")]
    [InlineData("1000000000s")] // ten digits
    [InlineData("9999999999999999999999d")]
    [InlineData(" 1d")]
    [InlineData("1d ")]
    [InlineData("1 d")]
    [InlineData("1D")]
    [InlineData("1w")]
    [InlineData("1d1d")]
    [InlineData("1s1m")]
    [InlineData("+1d")]
    [InlineData("1e3s")]
    [InlineData("\u0663d")] // a digit in Unicode but not in the API
    [InlineData("\uFF11h")]
    public void Parse_OtherText_IsNull(string text) => Assert.Null(Durations.Parse(text));

    [Fact]
    public void Parse_AnyText_NeverThrows() =>
        Gen.String[Gen.Char["0123456789dhms -+.\u0663\n"], 0, 12].Sample(static text =>
        {
            TimeSpan? read = Durations.Parse(text);

            return read is null || read >= TimeSpan.Zero;
        });
}
