using System.Collections.Immutable;
using MailOperator.Api;
using MailOperator.Backends;

namespace MailOperator.MailServers;

/// <summary>The mail servers behind a store of credentials, which remember more than the store holds.</summary>
internal interface IMailServers
{
    /// <summary>Whether the servers of this backend are to be told when passwords end.</summary>
    static bool AreTold(MailBackendSpec spec) => spec.Dovecot?.Doveadm is { Length: > 0 };

    /// <summary>
    /// Has every server forget the verdicts that it has cached for the mailboxes and, if asked, end their sessions. May
    /// be repeated. Fails with <see cref="MailBackendException"/> unless every server has done it.
    /// </summary>
    Task TellAsync(MailBackendSpec spec, ImmutableArray<string> mailboxes, bool endsSessions, CancellationToken cancellationToken);
}
