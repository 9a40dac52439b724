namespace MailOperator.Backends;

/// <summary>Secrets that MailBackends name: they are in the operator's own namespace, and nowhere else.</summary>
internal interface IBackendSecrets
{
    /// <summary>The Secret's data as it is now, as text, each without the line break that an editor leaves at its end.</summary>
    /// <param name="name">Name of the Secret.</param>
    /// <param name="purpose">What it lets the operator in to, for the message.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    /// <exception cref="MailBackendException">It is not there, or could not be read.</exception>
    Task<BackendSecret> ReadAsync(string name, string purpose, CancellationToken cancellationToken);
}
