namespace MailOperator.IntegrationTests.Bed;

/// <summary>A real Postfix with the shipped configuration. It discards the mail that it accepts.</summary>
internal sealed class PostfixServer : IAsyncDisposable
{
    private readonly string _folder;

    private PostfixServer(string folder, int port)
    {
        _folder = folder;
        Port = port;
    }

    /// <summary>The port of submission, which requires STARTTLS and a login.</summary>
    public int Port { get; }

    /// <summary>
    /// A Postfix that delivers to a mailbox of a Dovecot. The authority issues its certificate, for loopback or another
    /// name.
    /// </summary>
    public static async Task<PostfixServer> StartRelayAsync(
        string folder, DovecotServer asks, string mailbox, TestAuthority authority, string? name = null)
    {
        Directory.CreateDirectory(folder);
        (string certificate, string key) = authority.Issue("relay", name);
        await File.WriteAllTextAsync(Path.Combine(folder, "tls.crt"), certificate);
        await File.WriteAllTextAsync(Path.Combine(folder, "tls.key"), key);
        return new PostfixServer(
            folder, (await ServerScript.StartAsync("postfix", folder, RelayOf(asks, mailbox)))["SUBMISSION_PORT"]);
    }

    /// <summary>Stops it, runs the action, and starts it again at the same port.</summary>
    public async Task WhileDownAsync(DovecotServer asks, string mailbox, Func<Task> other)
    {
        await ServerScript.StopAsync("postfix", _folder);
        try
        {
            await other();
        }
        finally
        {
            await ServerScript.StartAsync("postfix", _folder, [.. RelayOf(asks, mailbox), ("PORT", Port.ToString())]);
        }
    }

    public static async Task<PostfixServer> StartAsync(string folder, DovecotServer asks)
    {
        IReadOnlyDictionary<string, int> ports =
            await ServerScript.StartAsync("postfix", folder, ("AUTH_PORT", asks.AuthPort.ToString()));
        return new PostfixServer(folder, ports["SUBMISSION_PORT"]);
    }

    private static (string Name, string Value)[] RelayOf(DovecotServer asks, string mailbox) =>
        [
            ("AUTH_PORT", asks.AuthPort.ToString()),
            ("MAIL_HOMES", Path.Combine(asks.Folder, "mail")),
            ("MAILBOXES", mailbox),
        ];

    public async ValueTask DisposeAsync() => await ServerScript.StopAsync("postfix", _folder);
}
