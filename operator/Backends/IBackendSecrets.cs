namespace MailOperator.Backends;

/// <summary>Secrets that MailBackends name. They are always in the operator's own namespace.</summary>
internal interface IBackendSecrets
{
    /// <summary>The namespace of all of them.</summary>
    string Namespace { get; }

    /// <summary>
    /// Reads the Secret's data as text, each value without the line break that an editor leaves at its end.
    /// </summary>
    /// <param name="name">Name of the Secret.</param>
    /// <param name="purpose">What the credentials are for, for error messages.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    /// <exception cref="MailBackendException">The Secret is missing or could not be read.</exception>
    Task<BackendSecret> ReadAsync(string name, string purpose, CancellationToken cancellationToken);
}
