using MailOperator.Backends;

namespace MailOperator.Tests;

/// <summary>The Secret that a test holds, under whatever name it is asked for.</summary>
/// <param name="data">Its values, as they are when it is read.</param>
internal sealed class GivenSecret(Dictionary<string, string> data) : IBackendSecrets
{
    public Task<BackendSecret> ReadAsync(string name, string purpose, CancellationToken cancellationToken) =>
        Task.FromResult(new BackendSecret(new("mail-operator", name), new Dictionary<string, string>(data)));
}
