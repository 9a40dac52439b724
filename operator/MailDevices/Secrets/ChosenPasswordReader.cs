using System.Net;
using MailOperator.Api;
using MailOperator.Integrity;
using MailOperator.Kubernetes;
using MailOperator.Passwords;
using MailOperator.Reporting;

namespace MailOperator.MailDevices.Secrets;

/// <summary>
/// Reads chosen passwords from the Secrets of their users, only in the namespace of the device. Always live: those
/// Secrets do not have our label, so they are not watched.
/// </summary>
internal sealed class ChosenPasswordReader(KubernetesApi api, CredentialDigestSource digests)
{
    /// <summary>The state of the source, and whether the device's Secret has the password that it holds now.</summary>
    public async Task<SourceState> ObserveAsync(
        MailDevice device, LocalSecretKeyReference source, SecretState secret, CancellationToken cancellationToken)
    {
        (AppPassword? read, SpecProblem? problem) = await ReadAsync(device, source, cancellationToken);
        using AppPassword? password = read;
        return new SourceState(problem, password is not null && IsIn(device, secret, password));
    }

    /// <summary>The password in the source now.</summary>
    /// <exception cref="ApiException">A conflict: it no longer holds a password that can be used.</exception>
    public async Task<AppPassword> TakeAsync(
        MailDevice device, LocalSecretKeyReference source, CancellationToken cancellationToken)
    {
        (AppPassword? password, SpecProblem? problem) = await ReadAsync(device, source, cancellationToken);
        return password ?? throw new ApiException(
            HttpStatusCode.Conflict, "Conflict", $"The source has changed since it was observed: {problem!.Message}");
    }

    /// <summary>The digest of a chosen password that the annotations record.</summary>
    public string DigestOf(MailDevice device, string selector, AppPassword password) =>
        digests.Current.OfChosen(device.PasswordUid, selector, password.Bytes);

    private bool IsIn(MailDevice device, SecretState secret, AppPassword password) =>
        secret is SecretState.Owned { Credential: { Origin: PasswordOrigin.Chosen chosen } credential }
        && CredentialDigest.AreEqual(chosen.Digest, DigestOf(device, credential.Selector, password));

    private async Task<(AppPassword? Password, SpecProblem? Problem)> ReadAsync(
        MailDevice device, LocalSecretKeyReference source, CancellationToken cancellationToken)
    {
        var key = new ObjectKey(device.Metadata.NamespaceProperty, source.Name);
        if (await api.FindAsync(ResourceType.Secrets, key, cancellationToken) is not { } found)
        {
            return (null, Missing(
                $"There is no Secret '{source.Name}', which spec.password.valueFrom names; "
                + $"create it with the password under '{source.Key}'"));
        }

        using SecretReading secret = SecretReading.Parse(found);
        return secret.Find(source.Key) is not { } value
            ? (null, Missing(
                $"Secret '{source.Name}' has no key '{source.Key}', which spec.password.valueFrom names; "
                + "put the password there"))
            : ChosenPassword.TryTake(
                value,
                ChosenPasswordWeakness.WordsOf(device.Spec.Mailbox),
                out AppPassword? password,
                out string? brokenRule)
            ? (password, null)
            : (null, new SpecProblem(
                Reasons.InvalidSpec,
                $"The password in Secret '{source.Name}' under '{source.Key}' {brokenRule}; choose another"));
    }

    private static SpecProblem Missing(string message) => new(Reasons.PasswordSourceMissing, message);
}
