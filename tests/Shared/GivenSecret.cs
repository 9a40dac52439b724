using MailOperator.Backends;

namespace MailOperator.Tests;

/// <summary>A Secret of a test, returned for every name.</summary>
/// <param name="data">Its values at the time of a read.</param>
internal sealed class GivenSecret(Dictionary<string, string> data) : IBackendSecrets
{
    public string Namespace => "mail-operator";

    public Task<BackendSecret> ReadAsync(string name, string purpose, CancellationToken cancellationToken) =>
        Task.FromResult(new BackendSecret(new("mail-operator", name), new Dictionary<string, string>(data)));
}
