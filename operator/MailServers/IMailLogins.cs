using MailOperator.Passwords;

namespace MailOperator.MailServers;

/// <summary>Tries passwords at a mail server like a mail client: logs in and out again.</summary>
internal interface IMailLogins
{
    /// <summary>
    /// Tries a password once. Every failure is an answer; only cancellation throws.
    /// </summary>
    /// <param name="endpoint">Host, port, protocol and TLS.</param>
    /// <param name="username">The username for mail clients.</param>
    /// <param name="password">The password.</param>
    /// <param name="timeout">How long to wait for the answer of the server.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    Task<LoginAnswer> TryAsync(
        ClientEndpoint endpoint,
        string username,
        AppPassword password,
        TimeSpan timeout,
        CancellationToken cancellationToken);
}

/// <summary>The answer of a mail server to a login.</summary>
/// <param name="Outcome">The result.</param>
/// <param name="Message">The server and its answer; a clause without a full stop, and without the password.</param>
internal sealed record LoginAnswer(LoginOutcome Outcome, string Message);

internal enum LoginOutcome
{
    Accepted,

    /// <summary>The server checked the password and refused it.</summary>
    Refused,

    /// <summary>The server was not reached or did not check the password, so nothing is known about it.</summary>
    Unclear,
}
