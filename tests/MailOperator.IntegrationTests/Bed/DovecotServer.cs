using MailOperator.Tests;

namespace MailOperator.IntegrationTests.Bed;

/// <summary>A real Dovecot of our own, with the configuration that we ship.</summary>
internal sealed class DovecotServer : IAsyncDisposable
{
    private readonly Dictionary<string, int> _ports;

    private DovecotServer(string folder, Dictionary<string, int> ports)
    {
        Folder = folder;
        _ports = ports;
    }

    public string Folder { get; }

    public string PasswdFile => Path.Combine(Folder, "app-passwords");

    public string Log => Path.Combine(Folder, "dovecot.log");

    public int ImapPort => _ports["IMAP_PORT"];

    public int Pop3Port => _ports["POP3_PORT"];

    public int SubmissionPort => _ports["SUBMISSION_PORT"];

    public static async Task<DovecotServer> StartAsync(string folder)
    {
        (int exitCode, _, string errors) = await Shell.TryAsync(
            Repository.Path("tests", "servers", "dovecot.sh"), ["start", folder],
            environment: new Dictionary<string, string> { ["DOVECOT_OWNER"] = Environment.ProcessId.ToString() });
        Assert.True(exitCode == 0, errors);
        Dictionary<string, int> ports = (await File.ReadAllLinesAsync(Path.Combine(folder, "ports.env")))
            .Select(static line => line.Split('='))
            .ToDictionary(static pair => pair[0], static pair => int.Parse(pair[1]));
        return new DovecotServer(folder, ports);
    }

    public async ValueTask DisposeAsync() =>
        await Shell.RunAsync(Repository.Path("tests", "servers", "dovecot.sh"), "stop", Folder);
}
