namespace MailOperator.IntegrationTests.Bed;

/// <summary>
/// Stops a process of the tests with SIGSTOP, so that it accepts connections but does not answer, and continues it.
/// </summary>
internal static class Frozen
{
    private const char Stopped = 'T';

    /// <summary>Returns when all its threads have stopped, which is a moment after the signal.</summary>
    public static async Task FreezeAsync(int processId)
    {
        await Shell.RunAsync("kill", "-STOP", $"{processId}");
        await Eventually.TrueAsync($"process {processId} has stopped", () => Task.FromResult(
            Directory.EnumerateDirectories($"/proc/{processId}/task")
                .All(static thread => StateOf(thread) == Stopped)));
    }

    public static Task ThawAsync(int processId) => Shell.RunAsync("kill", "-CONT", $"{processId}");

    /// <summary>
    /// The state in <c>proc(5)</c>: the letter after the name, which is in brackets and may contain brackets.
    /// </summary>
    private static char StateOf(string thread)
    {
        try
        {
            string stat = File.ReadAllText(Path.Combine(thread, "stat"));
            return stat[stat.LastIndexOf(')') + 2];
        }
        catch (IOException)
        {
            return default; // it has just ended
        }
    }
}
