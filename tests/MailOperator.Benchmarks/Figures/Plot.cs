namespace MailOperator.Benchmarks.Figures;

/// <summary>A picture of figures: lines over one horizontal axis.</summary>
/// <param name="Name">Its file's name, without folder and ending.</param>
/// <param name="Title">What it shows, for people.</param>
/// <param name="Across">Name and unit of the horizontal axis.</param>
/// <param name="Up">Name and unit of the vertical axis, which begins at zero.</param>
/// <param name="Lines">At least one, each with at least one point.</param>
internal sealed record Plot(string Name, string Title, string Across, string Up, IReadOnlyList<PlotLine> Lines);

/// <summary>A line of a <see cref="Plot"/>, whose points are drawn in the order of X.</summary>
internal sealed record PlotLine(string Name, IReadOnlyList<(double X, double Y)> Points);
