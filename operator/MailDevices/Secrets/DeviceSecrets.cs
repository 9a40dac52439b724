using System.Collections.Immutable;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Integrity;
using MailOperator.Kubernetes;
using MailOperator.MailDevices.Spec;
using MailOperator.Passwords;

namespace MailOperator.MailDevices.Secrets;

/// <summary>
/// Reads and writes the Secrets of devices. Every write creates a Secret that must not exist, or patches exactly the
/// version that was read.
/// </summary>
internal sealed class DeviceSecrets(
    KubernetesApi api, CredentialDigestSource digests, PasswordHasher hasher, TimeProvider clock)
{
    private readonly DeviceSecretJudge _judge = new(digests, hasher, clock);

    /// <summary>Reads chosen passwords.</summary>
    public ChosenPasswordReader Chosen { get; } = new(api, digests);

    /// <summary>The Secret as it is now, compared with the desired one.</summary>
    public async Task<SecretState> ObserveAsync(
        MailDevice device, DesiredCredential desired, IReadOnlyList<Slot> slots, CancellationToken cancellationToken)
    {
        using DeviceSecretReading? reading = await ReadAsync(device, desired.Secret.Name, cancellationToken);
        return reading is null
            ? new SecretState.Absent()
            : await _judge.JudgeAsync(device, desired, reading, slots, cancellationToken);
    }

    /// <summary>The Secret as it is now: whose it is, and whether its record is genuine.</summary>
    public async Task<SecretState> ReadAsync(MailDevice device, CancellationToken cancellationToken)
    {
        using DeviceSecretReading? reading = await ReadAsync(
            device, MailDeviceResolver.SecretName(device), cancellationToken);
        return reading is null
            ? new SecretState.Absent()
            : await _judge.JudgeAsync(device, desired: null, reading, slots: [], cancellationToken);
    }

    /// <summary>Whether the Secret holds the password of one of these slots.</summary>
    /// <param name="device">Its device.</param>
    /// <param name="uid">The UID that its digest must prove; null to compare the password with the slot's hash.</param>
    /// <param name="slots">Slots that the mail system accepts.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    public async Task<bool> HoldsAsync(
        MailDevice device, string? uid, IReadOnlyList<Slot> slots, CancellationToken cancellationToken)
    {
        using DeviceSecretReading? reading = await ReadAsync(
            device, MailDeviceResolver.SecretName(device), cancellationToken);
        return reading is not null && await _judge.HoldsAsync(reading, uid, slots, cancellationToken);
    }

    /// <summary>Writes a new password: over exactly that version of the Secret, or into a new Secret.</summary>
    public async Task<SecretState> CommitAsync(
        MailDevice device,
        DesiredCredential desired,
        CredentialRecord record,
        SecretPayload payload,
        SecretState.Owned? over,
        CancellationToken cancellationToken)
    {
        if (over is null || over.MustBeReplaced)
        {
            if (over is not null)
            {
                await DeleteAsync(
                    device.Metadata.NamespaceProperty, new ObsoleteSecret(over.Name, over.Uid), cancellationToken);
            }

            return await CreateAsync(device, desired, record, payload, cancellationToken);
        }

        return await PatchAsync(device, desired, record, payload, over, cancellationToken);
    }

    /// <summary>Makes everything but the password as desired.</summary>
    public async Task<SecretState> RepairAsync(
        MailDevice device, DesiredCredential desired, SecretState.Owned secret, CancellationToken cancellationToken)
    {
        using DeviceSecretReading reading = await ReadVersionAsync(device, secret, cancellationToken);
        return await PatchAsync(device, desired, secret.Credential, reading.Payload, secret, cancellationToken);
    }

    /// <summary>Deletes the Secret and creates it with the same password.</summary>
    public async Task<SecretState> ReplaceAsync(
        MailDevice device, DesiredCredential desired, SecretState.Owned secret, CancellationToken cancellationToken)
    {
        using DeviceSecretReading reading = await ReadVersionAsync(device, secret, cancellationToken);
        await DeleteAsync(
            device.Metadata.NamespaceProperty, new ObsoleteSecret(secret.Name, secret.Uid), cancellationToken);
        return await CreateAsync(device, desired, secret.Credential, reading.Payload, cancellationToken);
    }

    /// <summary>
    /// A new hash of the password in the Secret, or the hash that the Secret of a claimed password holds.
    /// </summary>
    public async Task<string> HashAsync(
        MailDevice device, DesiredCredential desired, SecretState.Owned secret, CancellationToken cancellationToken)
    {
        using DeviceSecretReading reading = await ReadVersionAsync(device, secret, cancellationToken);
        return await reading.Payload.Match(
            password => hasher.HashAsync(password, desired.WorkFactor, cancellationToken),
            static hash => Task.FromResult(hash));
    }

    /// <summary>Passes the password in the Secret to a function and wipes it afterwards.</summary>
    /// <exception cref="InvalidOperationException">The Secret holds only a hash.</exception>
    public async Task<T> WithPasswordAsync<T>(
        MailDevice device,
        SecretState.Owned secret,
        Func<AppPassword, Task<T>> use,
        CancellationToken cancellationToken)
    {
        using DeviceSecretReading reading = await ReadVersionAsync(device, secret, cancellationToken);
        return await reading.Payload.Match(
            use, static _ => throw new InvalidOperationException("The Secret keeps no password."));
    }

    /// <summary>The password in the Secret, sealed, to be tried when the Secret no longer holds it.</summary>
    public async Task<SealedPassword> SealAsync(
        MailDevice device, SecretState.Owned secret, DateTimeOffset endsAt, CancellationToken cancellationToken)
    {
        using DeviceSecretReading reading = await ReadVersionAsync(device, secret, cancellationToken);
        string selector = secret.Credential.Selector;
        return new SealedPassword(selector, endsAt, reading.Payload.Match(
            password => digests.Current.Seal.Seal(device.PasswordUid, selector, password),
            static _ => throw new InvalidOperationException("The Secret keeps no password.")));
    }

    /// <summary>The sealed password; null if this operator did not seal it.</summary>
    public AppPassword? Open(MailDevice device, SealedPassword password) =>
        digests.Current.Seal.Open(device.PasswordUid, password.Selector, password.Box);

    public Task DeleteAsync(string @namespace, ObsoleteSecret secret, CancellationToken cancellationToken) =>
        api.DeleteAsync(ResourceType.Secrets, new ObjectKey(@namespace, secret.Name), secret.Uid, cancellationToken);

    private async Task<DeviceSecretReading?> ReadAsync(
        MailDevice device, string name, CancellationToken cancellationToken) =>
        await api.FindAsync(
            ResourceType.Secrets, new ObjectKey(device.Metadata.NamespaceProperty, name),
            cancellationToken) is { } found
            ? DeviceSecretReading.Parse(found)
            : null;

    private async Task<DeviceSecretReading> ReadVersionAsync(
        MailDevice device, SecretState.Owned secret, CancellationToken cancellationToken)
    {
        DeviceSecretReading? reading = await ReadAsync(device, secret.Name, cancellationToken);
        if (reading is null || reading.Metadata.ResourceVersion != secret.ResourceVersion
            || reading.Metadata.Uid != secret.Uid)
        {
            reading?.Dispose();
            throw new ApiException(
                System.Net.HttpStatusCode.Conflict, "Conflict",
                $"Secret {secret.Name} has changed since it was observed.");
        }

        return reading;
    }

    private async Task<SecretState> CreateAsync(
        MailDevice device,
        DesiredCredential desired,
        CredentialRecord record,
        SecretPayload payload,
        CancellationToken cancellationToken)
    {
        (string, string) proofs = ProofsOf(device, record, payload);
        byte[] body = ApiJson.Write(json =>
        {
            json.WriteStartObject();
            json.WriteString("apiVersion", "v1");
            json.WriteString("kind", "Secret");
            json.WriteString("type", desired.Secret.Type);
            json.WriteStartObject("metadata");
            json.WriteString("name", desired.Secret.Name);
            Owner.Write(json, ApiGroup.MailDevices, device);
            SecretContent.WriteMetadata(json, desired.Secret, record, proofs, [], []);
            json.WriteEndObject();
            SecretContent.WriteData(json, desired.Secret, payload, []);
            json.WriteEndObject();
        });
        return await WrittenAsync(device, desired, body, () =>
            api.CreateAsync(
                ResourceType.Secrets, device.Metadata.NamespaceProperty, body, cancellationToken), cancellationToken);
    }

    private async Task<SecretState> PatchAsync(
        MailDevice device,
        DesiredCredential desired,
        CredentialRecord record,
        SecretPayload payload,
        SecretState.Owned over,
        CancellationToken cancellationToken)
    {
        (string, string) proofs = ProofsOf(device, record, payload);
        byte[] body = ApiJson.Write(json =>
        {
            json.WriteStartObject();
            json.WriteStartObject("metadata");
            json.WriteString("uid", over.Uid);
            json.WriteString("resourceVersion", over.ResourceVersion);
            if (over.LacksOwner)
            {
                Owner.Write(json, ApiGroup.MailDevices, device);
            }

            ImmutableArray<string> settled =
                [.. record.IsRestartOwed ? [] : (string[])[Annotations.RestartOwed], .. record.ToBeRefused.IsEmpty
                    ? (string[])[Annotations.ToBeRefused]
                    : []];
            SecretContent.WriteMetadata(
                json, desired.Secret, record, proofs, over.ObsoleteEntries.Labels,
                over.ObsoleteEntries.Annotations.AddRange(settled));
            json.WriteEndObject();
            SecretContent.WriteData(json, desired.Secret, payload, over.ObsoleteEntries.Keys);
            json.WriteEndObject();
        });
        var key = new ObjectKey(device.Metadata.NamespaceProperty, desired.Secret.Name);
        return await WrittenAsync(device, desired, body, () =>
            api.MergePatchAsync(ResourceType.Secrets, key, body, cancellationToken), cancellationToken);
    }

    private (string Digest, string Identity) ProofsOf(
        MailDevice device, CredentialRecord record, SecretPayload payload) => (
            digests.Current.Compute(device.PasswordUid, record, payload.Bytes),
            SecretIdentity.Of(device, digests.Current));

    private async Task<SecretState> WrittenAsync(
        MailDevice device,
        DesiredCredential desired,
        byte[] body,
        Func<Task<byte[]>> write,
        CancellationToken cancellationToken)
    {
        try
        {
            using DeviceSecretReading written = DeviceSecretReading.Parse(await write());
            return await _judge.JudgeAsync(device, desired, written, [], cancellationToken);
        }
        finally
        {
            Array.Clear(body);
        }
    }
}
