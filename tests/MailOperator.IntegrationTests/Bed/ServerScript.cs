using MailOperator.Tests;

namespace MailOperator.IntegrationTests.Bed;

/// <summary>Starts and stops a real server with its script in tests/servers.</summary>
internal static class ServerScript
{
    /// <summary>
    /// Starts it in the folder. It ends with this process at the latest. Returns its ports by name.
    /// </summary>
    public static async Task<IReadOnlyDictionary<string, int>> StartAsync(
        string server, string folder, params (string Name, string Value)[] settings)
    {
        var environment = settings.ToDictionary(static setting => setting.Name, static setting => setting.Value);
        environment[$"{server.ToUpperInvariant()}_OWNER"] = Environment.ProcessId.ToString();
        (int exitCode, _, string errors) = await Shell.TryAsync(
            PathOf(server), ["start", folder], environment: environment);
        Assert.True(exitCode == 0, errors);
        return (await File.ReadAllLinesAsync(Path.Combine(folder, "ports.env")))
            .Select(static line => line.Split('='))
            .ToDictionary(static pair => pair[0], static pair => int.Parse(pair[1]));
    }

    public static Task StopAsync(string server, string folder) => Shell.RunAsync(PathOf(server), "stop", folder);

    private static string PathOf(string server) => Repository.Path("tests", "servers", $"{server}.sh");
}
