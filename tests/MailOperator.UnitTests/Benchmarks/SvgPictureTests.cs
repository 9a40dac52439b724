using System.Xml.Linq;
using MailOperator.Benchmarks.Figures;

namespace MailOperator.UnitTests.Benchmarks;

public sealed class SvgPictureTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void Of_TwoLines_DrawsBothInsideThePictureAndEscapesText()
    {
        var plot = new Plot("x", "a < b & c", "across", "up", [
            new PlotLine("one", [(10, 1), (0, 5)]),
            new PlotLine("two", [(5, 0)]),
        ]);

        XElement svg = XDocument.Parse(SvgPicture.Of(plot)).Root!;

        Assert.Equal("a < b & c", svg.Element(Svg + "title")!.Value);
        XElement[] lines = [.. svg.Elements(Svg + "polyline")];
        // In the order of X: the left end at the highest value, the right end at a fifth of it.
        Assert.Equal(["70,40 620,240", "345,290"], lines.Select(static line => line.Attribute("points")!.Value));
        Assert.Equal(3, svg.Elements(Svg + "circle").Count());
        Assert.Contains(svg.Descendants(Svg + "text"), static text => text.Value == "two");
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(1.1, 2)]
    [InlineData(23, 25)]
    [InlineData(180, 200)]
    [InlineData(501, 1000)]
    [InlineData(0.03, 0.05)]
    public void Ceiling_IsARoundNumber(double value, double expected) =>
        Assert.Equal(expected, SvgPicture.Ceiling(value), 1e-9);
}
