using System.Collections.Immutable;
using MailOperator.Api;
using MailOperator.Backends;

namespace MailOperator.MailServers;

/// <summary>The mail servers that use a credential store. They have caches and sessions beside it.</summary>
internal interface IMailServers
{
    /// <summary>Whether the servers of this backend must be notified when passwords end.</summary>
    static bool AreTold(MailBackendSpec spec) => spec.Dovecot?.Doveadm is { Length: > 0 };

    /// <summary>
    /// What is missing in the Secrets that <c>spec.dovecot</c> names, and what to do; null if nothing is. Asks no mail
    /// server.
    /// </summary>
    /// <exception cref="MailBackendException">A Secret could not be read.</exception>
    Task<string?> SecretProblemAsync(MailBackendSpec spec, CancellationToken cancellationToken);

    /// <summary>
    /// Flushes the auth caches of the mailboxes at every server and, if requested, ends their sessions. May be
    /// repeated.
    /// </summary>
    /// <exception cref="MailBackendException">At least one server has not done it.</exception>
    Task TellAsync(
        MailBackendSpec spec,
        ImmutableArray<string> mailboxes,
        bool endsSessions,
        CancellationToken cancellationToken);
}
