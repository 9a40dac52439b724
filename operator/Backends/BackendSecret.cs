namespace MailOperator.Backends;

/// <summary>A Secret that a MailBackend names.</summary>
/// <param name="Key">Its namespace and name, for messages.</param>
/// <param name="Data">Its values.</param>
internal sealed record BackendSecret(Kubernetes.ObjectKey Key, IReadOnlyDictionary<string, string> Data)
{
    /// <summary>The value of a key; null if it is missing or empty.</summary>
    public string? Value(string name) => Data.TryGetValue(name, out string? value) && value.Length > 0 ? value : null;

    /// <summary>A record would print its values.</summary>
    public override string ToString() => Key.ToString();
}
