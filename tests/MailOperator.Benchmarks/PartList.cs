using MailOperator.Benchmarks.Parts;

namespace MailOperator.Benchmarks;

/// <summary>All parts, in the order in which they run.</summary>
internal static class PartList
{
    public static Part[] All { get; } =
    [
        new MemoryPart(), new StartPart(), new ComputingPart(), new CallsPart(), new SinglePart(), new PeerPart(),
        new HashPart(), new ChurnPart(), new BurstPart(), new FleetPart(),
        new LoginPart(), new ClaimPart(), new IsolationPart(), new ApiPart(),
    ];

    /// <param name="names">Names with spaces between them; null or "" for all.</param>
    /// <exception cref="ArgumentException">There is no part of a name.</exception>
    public static Part[] Choose(string? names)
    {
        string[] wanted = (names ?? "").Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);
        foreach (string name in wanted.Where(static name => All.All(part => part.Name != name)))
        {
            throw new ArgumentException(
                $"There is no part {name}. The parts are {string.Join(", ", All.Select(static part => part.Name))}.");
        }

        return wanted.Length == 0 ? All : [.. All.Where(part => wanted.Contains(part.Name))];
    }
}
