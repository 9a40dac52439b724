using System.Globalization;
using System.Security;
using System.Text;

namespace MailOperator.Benchmarks.Figures;

/// <summary>Draws a <see cref="Plot"/> as SVG that is readable on light and dark pages.</summary>
internal static class SvgPicture
{
    private const int Width = 640;
    private const int Height = 360;
    private const int Left = 70;
    private const int Right = 20;
    private const int Top = 40;
    private const int Bottom = 70;
    private const int Ticks = 5;
    private static readonly string[] Colors = ["#0969da", "#bc4c00", "#1a7f37", "#8250df", "#cf222e", "#57606a"];

    public static string Of(Plot plot)
    {
        double right = Ceiling(plot.Lines.SelectMany(static line => line.Points).Max(static point => point.X));
        double high = Ceiling(plot.Lines.SelectMany(static line => line.Points).Max(static point => point.Y));
        var svg = new StringBuilder();
        svg.Append($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" role=\"img\" ")
            .Append("font-family=\"sans-serif\" font-size=\"12\">\n")
            .Append($"<title>{Safe(plot.Title)}</title>\n")
            .Append($"<rect width=\"{Width}\" height=\"{Height}\" fill=\"#ffffff\"/>\n")
            .Append(Text(Width / 2.0, 22, plot.Title, "middle", size: 14))
            .Append(Text((Left + Width - Right) / 2.0, Height - Bottom + 34, plot.Across, "middle"))
            .Append($"<g transform=\"rotate(-90 16 {(Top + Height - Bottom) / 2})\">")
            .Append(Text(16, (Top + Height - Bottom) / 2.0, plot.Up, "middle")).Append("</g>\n");
        for (int tick = 0; tick <= Ticks; tick++)
        {
            double x = right * tick / Ticks;
            double y = high * tick / Ticks;
            svg.Append(Line(Left, Y(y, high), Width - Right, Y(y, high), "#d0d7de"))
                .Append(Text(Left - 6, Y(y, high) + 4, Number(y), "end"))
                .Append(Text(X(x, right), Height - Bottom + 17, Number(x), "middle"));
        }

        svg.Append(Line(Left, Height - Bottom, Width - Right, Height - Bottom, "#1f2328"));
        for (int index = 0; index < plot.Lines.Count; index++)
        {
            Draw(svg, plot.Lines[index], index, right, high);
        }

        return svg.Append("</svg>\n").ToString();
    }

    private static void Draw(StringBuilder svg, PlotLine line, int index, double right, double high)
    {
        string color = Colors[index % Colors.Length];
        (double X, double Y)[] points =
            [.. line.Points.OrderBy(static point => point.X).Select(point => (X(point.X, right), Y(point.Y, high)))];
        svg.Append($"<polyline fill=\"none\" stroke=\"{color}\" stroke-width=\"2\" points=\"")
            .AppendJoin(' ', points.Select(static point => $"{Coordinate(point.X)},{Coordinate(point.Y)}"))
            .Append("\"/>\n");
        foreach ((double x, double y) in points)
        {
            svg.Append($"<circle cx=\"{Coordinate(x)}\" cy=\"{Coordinate(y)}\" r=\"3\" fill=\"{color}\"/>\n");
        }

        double at = Left + (index * 185);
        svg.Append($"<rect x=\"{Coordinate(at)}\" y=\"{Height - 22}\" width=\"10\" height=\"10\" fill=\"{color}\"/>\n")
            .Append(Text(at + 15, Height - 13, line.Name, "start"));
    }

    private static double X(double value, double right) => Left + (value / right * (Width - Left - Right));

    private static double Y(double value, double high) => Height - Bottom - (value / high * (Height - Top - Bottom));

    /// <summary>The next value of 1, 2, 2.5, 5 and 10 times a power of ten.</summary>
    internal static double Ceiling(double value)
    {
        if (value <= 0)
        {
            return 1;
        }

        double power = Math.Pow(10, Math.Floor(Math.Log10(value)));
        return new[] { 1, 2, 2.5, 5, 10 }.Select(step => step * power).First(step => step >= value * (1 - 1e-9));
    }

    private static string Line(double x1, double y1, double x2, double y2, string color) =>
        $"<line x1=\"{Coordinate(x1)}\" y1=\"{Coordinate(y1)}\" x2=\"{Coordinate(x2)}\" y2=\"{Coordinate(y2)}\" "
        + $"stroke=\"{color}\"/>\n";

    private static string Text(double x, double y, string text, string anchor, int size = 12) =>
        $"<text x=\"{Coordinate(x)}\" y=\"{Coordinate(y)}\" text-anchor=\"{anchor}\" font-size=\"{size}\" "
        + $"fill=\"#1f2328\">{Safe(text)}</text>\n";

    private static string Safe(string text) => SecurityElement.Escape(text);

    private static string Number(double value) => value.ToString("#,0.##", CultureInfo.InvariantCulture);

    private static string Coordinate(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);
}
