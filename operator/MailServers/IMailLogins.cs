using MailOperator.Passwords;

namespace MailOperator.MailServers;

/// <summary>Logs in at a mail server as a mail client does, and at once out again.</summary>
internal interface IMailLogins
{
    /// <summary>
    /// Tries a password once. Whatever comes of it is an answer; nothing is thrown but at the token's end.
    /// </summary>
    /// <param name="endpoint">Where, how protected, and by which protocol.</param>
    /// <param name="username">What a client types in.</param>
    /// <param name="password">The password.</param>
    /// <param name="patience">How long to wait for the server's word.</param>
    /// <param name="cancellationToken">Ends the try.</param>
    Task<LoginAnswer> TryAsync(
        ClientEndpoint endpoint, string username, AppPassword password, TimeSpan patience, CancellationToken cancellationToken);
}

/// <summary>What a mail server said to a login.</summary>
/// <param name="Outcome">Its verdict.</param>
/// <param name="Message">Which server, and what it said; a clause without a full stop, and never a password.</param>
internal sealed record LoginAnswer(LoginOutcome Outcome, string Message);

internal enum LoginOutcome
{
    Accepted,

    /// <summary>It judged the password and does not let it in.</summary>
    Refused,

    /// <summary>It was not reached, or did not judge: this tells nothing of the password.</summary>
    Unclear,
}
