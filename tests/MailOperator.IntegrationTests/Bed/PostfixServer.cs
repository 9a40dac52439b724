namespace MailOperator.IntegrationTests.Bed;

/// <summary>A real Postfix of our own, with the configuration that we ship. It throws away what it accepts.</summary>
internal sealed class PostfixServer : IAsyncDisposable
{
    private readonly string _folder;

    private PostfixServer(string folder, int port)
    {
        _folder = folder;
        Port = port;
    }

    /// <summary>Of submission, which demands STARTTLS and a login.</summary>
    public int Port { get; }

    public string CertificateFile => Path.Combine(_folder, "tls.crt");

    /// <summary>One that delivers to this mailbox, where that Dovecot has it.</summary>
    public static async Task<PostfixServer> StartRelayAsync(string folder, DovecotServer asks, string mailbox) => new(
        folder,
        (await ServerScript.StartAsync(
            "postfix", folder, ("AUTH_PORT", asks.AuthPort.ToString()), ("MAIL_HOMES", Path.Combine(asks.Folder, "mail")), ("MAILBOXES", mailbox)))["SUBMISSION_PORT"]);

    public static async Task<PostfixServer> StartAsync(string folder, DovecotServer asks)
    {
        IReadOnlyDictionary<string, int> ports =
            await ServerScript.StartAsync("postfix", folder, ("AUTH_PORT", asks.AuthPort.ToString()));
        return new PostfixServer(folder, ports["SUBMISSION_PORT"]);
    }

    public async ValueTask DisposeAsync() => await ServerScript.StopAsync("postfix", _folder);
}
