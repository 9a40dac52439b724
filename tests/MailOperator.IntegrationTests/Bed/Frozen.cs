namespace MailOperator.IntegrationTests.Bed;

/// <summary>Freezes a program of our own, so that it takes connections and answers nothing, and thaws it.</summary>
internal static class Frozen
{
    private const char Stopped = 'T';

    /// <summary>Returns when it does nothing more: its threads stop when the first of them comes to run.</summary>
    public static async Task FreezeAsync(int processId)
    {
        await Shell.RunAsync("kill", "-STOP", $"{processId}");
        await Eventually.TrueAsync($"process {processId} has stopped", () => Task.FromResult(
            Directory.EnumerateDirectories($"/proc/{processId}/task").All(static thread => StateOf(thread) == Stopped)));
    }

    public static Task ThawAsync(int processId) => Shell.RunAsync("kill", "-CONT", $"{processId}");

    /// <summary>As <c>proc(5)</c> has it: the letter after the name, which is in brackets and may hold any of them.</summary>
    private static char StateOf(string thread)
    {
        try
        {
            string stat = File.ReadAllText(Path.Combine(thread, "stat"));
            return stat[stat.LastIndexOf(')') + 2];
        }
        catch (IOException)
        {
            return default; // it has ended just now
        }
    }
}
