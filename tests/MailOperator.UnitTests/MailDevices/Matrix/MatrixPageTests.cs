using System.Text;
using MailOperator.Tests;

namespace MailOperator.UnitTests.MailDevices.Matrix;

/// <summary>The table of states and stops in <c>docs/rotation-and-revocation.md</c> is made from the matrix.</summary>
public sealed class MatrixPageTests
{
    private const string Begin = "<!-- Made from the matrix of the unit tests: run them with UPDATE_DOCS=1. -->\n";
    private const string End = "<!-- end of the table -->\n";

    private static readonly string File = Repository.Path("docs", "rotation-and-revocation.md");

    [Fact]
    public void Table_InTheRepository_AgreesWithTheMatrix()
    {
        string page = System.IO.File.ReadAllText(File);
        int begin = page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        string made = page[..begin] + Table() + page[page.IndexOf(End, StringComparison.Ordinal)..];
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1")
        {
            System.IO.File.WriteAllText(File, made);
        }

        Assert.Equal(made, System.IO.File.ReadAllText(File));
    }

    private static string Table()
    {
        var table = new StringBuilder("\n| |");
        table.AppendJoin("", MatrixStop.All.Select(static stop => $" {stop.Name} |"));
        table.Append("\n|---|").AppendJoin("", MatrixStop.All.Select(static _ => "---|")).Append('\n');
        foreach (MatrixState state in MatrixStates.All)
        {
            table.Append($"| {state.Name} |");
            table.AppendJoin("", MatrixStop.All.Select(stop => $" {Of(state, stop)} |")).Append('\n');
        }

        return table.Append('\n').ToString();
    }

    private static string Of(MatrixState state, MatrixStop stop)
    {
        string[] outcomes = [.. MatrixDriver.All.Where(driver => driver.Can(stop.Needs)).Select(driver =>
        {
            var cell = new MatrixCell(driver, [state], stop);
            return !cell.IsActedOn ? state.Name.StartsWith("finalizer", StringComparison.Ordinal) ? "orphan" : "waits"
                : cell.Run() is null ? "ends" : "says";
        }).Distinct()];
        return string.Join(", ", outcomes);
    }
}
