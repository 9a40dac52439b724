using System.Net;
using MailOperator.Api;
using MailOperator.Integrity;
using MailOperator.Kubernetes;
using MailOperator.Passwords;
using MailOperator.Reporting;

namespace MailOperator.MailDevices.Secrets;

/// <summary>
/// Reads chosen passwords where their users keep them, in the device's own namespace alone. Always live: nothing on
/// those Secrets is ours, so that no watch shows them.
/// </summary>
internal sealed class ChosenPasswordReader(KubernetesApi api, CredentialDigestSource digests)
{
    /// <summary>What the source holds, and whether it is what the Secret was made from.</summary>
    public async Task<SourceState> ObserveAsync(
        MailDevice device, LocalSecretKeyReference source, SecretState secret, CancellationToken cancellationToken)
    {
        (AppPassword? read, SpecProblem? problem) = await ReadAsync(device, source, cancellationToken);
        using AppPassword? password = read;
        return new SourceState(problem, password is not null && IsIn(device, secret, password));
    }

    /// <summary>The password that the source holds now.</summary>
    /// <exception cref="ApiException">A conflict: it has none any more that can be used.</exception>
    public async Task<AppPassword> TakeAsync(MailDevice device, LocalSecretKeyReference source, CancellationToken cancellationToken)
    {
        (AppPassword? password, SpecProblem? problem) = await ReadAsync(device, source, cancellationToken);
        return password ?? throw new ApiException(HttpStatusCode.Conflict, "Conflict", $"It has changed since it was seen: {problem!.Message}");
    }

    /// <summary>What the bookkeeping keeps of a chosen password.</summary>
    public string DigestOf(MailDevice device, string selector, AppPassword password) =>
        digests.Current.OfChosen(device.Metadata.Uid, selector, password.Bytes);

    private bool IsIn(MailDevice device, SecretState secret, AppPassword password) =>
        secret is SecretState.Owned { Credential: { Origin: PasswordOrigin.Chosen chosen } credential }
        && CredentialDigest.AreEqual(chosen.Digest, DigestOf(device, credential.Selector, password));

    private async Task<(AppPassword? Password, SpecProblem? Problem)> ReadAsync(
        MailDevice device, LocalSecretKeyReference source, CancellationToken cancellationToken)
    {
        var key = new ObjectKey(device.Metadata.NamespaceProperty, source.Name);
        if (await api.FindAsync(ResourceType.Secrets, key, cancellationToken) is not { } found)
        {
            return (null, Missing($"There is no Secret '{source.Name}', which spec.password.valueFrom names; create it with the password under '{source.Key}'"));
        }

        using SecretReading secret = SecretReading.Parse(found);
        return secret.Find(source.Key) is not { } value
            ? (null, Missing($"Secret '{source.Name}' has no key '{source.Key}', which spec.password.valueFrom names; put the password there"))
            : ChosenPassword.TryTake(value, out AppPassword? password, out string? brokenRule)
            ? (password, null)
            : (null, new SpecProblem(Reasons.InvalidSpec, $"The password in Secret '{source.Name}' under '{source.Key}' {brokenRule}; choose another"));
    }

    private static SpecProblem Missing(string message) => new(Reasons.PasswordSourceMissing, message);
}
