namespace MailOperator.IntegrationTests.Bed;

/// <summary>A real Dovecot with the shipped configuration for its version.</summary>
internal sealed class DovecotServer : IAsyncDisposable
{
    private readonly IReadOnlyDictionary<string, int> _ports;

    private DovecotServer(string folder, string passwdFile, IReadOnlyDictionary<string, int> ports)
    {
        Folder = folder;
        PasswdFile = passwdFile;
        _ports = ports;
    }

    public string Folder { get; }

    public string PasswdFile { get; }

    public string Log => Path.Combine(Folder, "dovecot.log");

    public int ImapPort => _ports["IMAP_PORT"];

    public int Pop3Port => _ports["POP3_PORT"];

    public int SubmissionPort => _ports["SUBMISSION_PORT"];

    /// <summary>The socket at which a Postfix authenticates logins.</summary>
    public int AuthPort => _ports["AUTH_PORT"];

    public int DoveadmPort => _ports["DOVEADM_PORT"];

    /// <summary>IMAP with TLS from the first byte; the other ports have STARTTLS.</summary>
    public int ImapsPort => _ports["IMAPS_PORT"];

    /// <summary>The certificate of all of them, in PEM as base64. It is its own authority.</summary>
    public string CaBundle => Convert.ToBase64String(File.ReadAllBytes(Path.Combine(Folder, "tls.crt")));

    public string DoveadmKeyFile => Path.Combine(Folder, "doveadm.key");

    /// <summary>Other accounts of a 2.3, whose results it caches: a file for each, with {"password": "…"}.</summary>
    public string PeopleFolder => Path.Combine(Folder, "people");

    /// <param name="folder">The folder of this server.</param>
    /// <param name="version">2.3 or 2.4.</param>
    /// <param name="passwdFile">Several servers may read the same file; null for its own.</param>
    /// <param name="database">What it uses instead of a passwd-file, by its name for <c>dovecot.sh</c>.</param>
    /// <param name="both">Whether it also uses the passwd-file, before the database.</param>
    /// <param name="doveadmTls">Whether doveadm's HTTP API has TLS.</param>
    public static async Task<DovecotServer> StartAsync(
        string folder,
        string version = "2.3",
        string? passwdFile = null,
        string? database = null,
        bool both = false,
        bool doveadmTls = false)
    {
        string file = passwdFile ?? Path.Combine(folder, "app-passwords");
        return new DovecotServer(
            folder, file,
            await ServerScript.StartAsync(
                "dovecot", folder, ("DOVECOT", version), ("PASSWD_FILE", file), ("DATABASE", database ?? ""),
                ("BOTH", both ? "1" : ""), ("DOVEADM_TLS", doveadmTls ? "yes" : "no")));
    }

    public async ValueTask DisposeAsync() => await ServerScript.StopAsync("dovecot", Folder);
}
