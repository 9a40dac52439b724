namespace MailOperator.Benchmarks.Figures;

/// <summary>Collects the rows of a run. What a part promised and did not measure becomes a row that says so.</summary>
internal sealed class Results
{
    private readonly List<Row> _rows = [];
    private readonly List<Plot> _plots = [];

    public IReadOnlyList<Row> Rows => _rows;

    public IReadOnlyList<Plot> Plots => _plots;

    /// <summary>Whether every figure reached its target.</summary>
    public bool AllMet => _rows.All(static row => row.Verdict != Verdict.Missed);

    public Row Add(string part, Figure figure, double? measured, double? limit = null, string note = "")
    {
        var row = new Row(part, figure, measured, limit, note);
        _rows.Add(row);
        return row;
    }

    public void Draw(Plot plot) => _plots.Add(plot);

    /// <summary>Adds a row for each figure of a part that has none.</summary>
    /// <param name="part">The part that has ended.</param>
    /// <param name="figures">What it promised.</param>
    /// <param name="why">Why figures may be missing.</param>
    public void Complete(string part, IEnumerable<Figure> figures, string why)
    {
        Figure[] present = [.. _rows.Where(row => row.Part == part).Select(static row => row.Figure)];
        foreach (Figure missing in figures.Except(present))
        {
            Add(part, missing, measured: null, note: $"not measured: {why}");
        }
    }
}
