using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace MailOperator.UnitTests.MailDevices.Matrix;

/// <summary>
/// Every stop in every state and in every pair of states, at every kind of mail system: nothing that was to end works,
/// or the status says what holds it. And no plan gives a right that a stop takes.
/// </summary>
public sealed class MatrixTests(ITestOutputHelper output)
{
    private static IEnumerable<ImmutableArray<MatrixState>> Combinations =>
    [
        .. MatrixStates.All.Select(static state => ImmutableArray.Create(state)),
        .. MatrixStates.All.SelectMany(static (one, index) =>
            MatrixStates.All.Skip(index + 1).Select(other => ImmutableArray.Create(one, other))),
    ];

    [Fact]
    public void Stop_InEveryStateAndPairOfStates_StopsOrSaysWhatHoldsIt()
    {
        MatrixCell[] cells =
        [
            .. from driver in MatrixDriver.All
               from states in Combinations
               from stop in MatrixStop.All
               select new MatrixCell(driver, states, stop),
        ];
        var held = new ConcurrentBag<MatrixCell>();
        var wrong = new ConcurrentBag<string>();
        Parallel.ForEach(cells, cell =>
        {
            switch (cell.Run())
            {
                case null:
                    break;
                case "held":
                    held.Add(cell);
                    break;
                case { } problem:
                    wrong.Add($"{cell}: {problem}");
                    break;
            }
        });

        output.WriteLine(
            $"{cells.Length} cells: {MatrixStates.All.Length} states and their pairs, {MatrixStop.All.Length} stops, "
            + $"{MatrixDriver.All.Length} mail systems; in {held.Count} the status says what holds the stop");
        Assert.True(
            wrong.IsEmpty,
            $"{wrong.Count} of {cells.Length}:\n"
            + string.Join('\n', wrong.OrderBy(static one => one.Length).ThenBy(static one => one).Take(40)));
    }
}
