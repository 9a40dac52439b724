namespace MailOperator.IntegrationTests.Bed;

/// <summary>A Dovecot, and a Postfix that authenticates senders with it.</summary>
internal sealed class MailSystem : IAsyncDisposable
{
    public const string Imap = "IMAP";
    public const string Pop3 = "POP3";
    public const string DovecotSubmission = "submission";
    public const string Postfix = "Postfix";

    private readonly PostfixServer _postfix;
    private readonly DovecotServer? _own;

    private MailSystem(DovecotServer dovecot, PostfixServer postfix, DovecotServer? own)
    {
        Dovecot = dovecot;
        _postfix = postfix;
        _own = own;
    }

    public DovecotServer Dovecot { get; }

    public int PostfixPort => _postfix.Port;

    /// <summary>Adds a Postfix to a running Dovecot, which its owner stops.</summary>
    public static async Task<MailSystem> BesideAsync(DovecotServer dovecot, string folder) =>
        new(dovecot, await PostfixServer.StartAsync(Path.Combine(folder, "postfix"), dovecot), own: null);

    /// <summary>
    /// Starts both with a passwd-file, which other servers may share, or with a database or a directory.
    /// </summary>
    public static async Task<MailSystem> StartAsync(
        string version, string? passwdFile, string folder, string? database = null)
    {
        DovecotServer dovecot = await DovecotServer.StartAsync(
            Path.Combine(folder, "dovecot"), version, passwdFile, database);
        return new MailSystem(
            dovecot, await PostfixServer.StartAsync(Path.Combine(folder, "postfix"), dovecot), own: dovecot);
    }

    /// <summary>
    /// Tries all services in parallel, because Dovecot 2.3 delays a refusal by half a second. Returns those that
    /// accepted it.
    /// </summary>
    public async Task<IReadOnlyList<string>> AcceptedAsync(DeviceSecret secret, string from = "127.0.0.1")
    {
        (string username, string password) = (secret["username"], secret["password"]);
        (string Name, bool Accepted)[] services = await Task.WhenAll(
            AsAsync(Imap, MailLogin.ImapAsync(Dovecot.ImapPort, username, password, from)),
            AsAsync(Pop3, MailLogin.Pop3Async(Dovecot.Pop3Port, username, password, from)),
            AsAsync(DovecotSubmission, MailLogin.SubmissionAsync(Dovecot.SubmissionPort, username, password, from)),
            AsAsync(Postfix, MailLogin.PostfixAsync(PostfixPort, username, password, from)));
        return [.. services.Where(static service => service.Accepted).Select(static service => service.Name)];

        static async Task<(string, bool)> AsAsync(string name, Task<bool> login) => (name, await login);
    }

    public async ValueTask DisposeAsync()
    {
        await _postfix.DisposeAsync();
        if (_own is not null)
        {
            await _own.DisposeAsync();
        }
    }
}
