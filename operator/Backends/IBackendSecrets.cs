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

/// <summary>A Secret that a MailBackend names.</summary>
/// <param name="Key">Its namespace and name, for messages.</param>
/// <param name="Data">Its values.</param>
internal sealed record BackendSecret(Kubernetes.ObjectKey Key, IReadOnlyDictionary<string, string> Data)
{
    /// <summary>The value; null if it is missing or empty.</summary>
    public string? Value(string name) => Data.TryGetValue(name, out string? value) && value.Length > 0 ? value : null;

    /// <summary>A record would print its values.</summary>
    public override string ToString() => Key.ToString();
}
