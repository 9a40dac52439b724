using System.Collections.Immutable;
using MailOperator.Api;

namespace MailOperator.MailDevices.Secrets;

/// <summary>What the annotations of a Secret record about its password.</summary>
internal sealed record CredentialRecord
{
    /// <summary>The number of passwords that the device has had.</summary>
    public required int Epoch { get; init; }

    /// <summary>
    /// The number of the next password. The status counts too, because a Secret may have been deleted or edited.
    /// </summary>
    /// <param name="device">The device.</param>
    /// <param name="over">The Secret that the next password replaces; null if there is none.</param>
    public static int EpochAfter(MailDevice device, SecretState.Owned? over) =>
        Math.Max(over is { IsGenuine: true } ? over.Credential.Epoch : 0, device.Status?.Epoch ?? 0) + 1;

    public required string Selector { get; init; }

    /// <summary>When the password was written into the Secret; whole seconds, UTC.</summary>
    public required DateTimeOffset IssuedAt { get; init; }

    /// <summary>The last handled value of the annotation rotate; "" if there is none.</summary>
    public string HandledRotation { get; init; } = "";

    /// <summary>The last handled value of the annotation rotate-and-revoke; "" if there is none.</summary>
    public string HandledRotateAndRevoke { get; init; } = "";

    /// <summary>Whether the workloads that use the previous password must still be restarted.</summary>
    public bool IsRestartOwed { get; init; }

    /// <summary>Where the password came from.</summary>
    public PasswordOrigin Origin { get; init; } = new PasswordOrigin.Generated();

    /// <summary>Earlier credentials, and when each ends.</summary>
    public ImmutableArray<RetiringCredential> Retiring { get; init; } = [];

    /// <summary>Earlier passwords that are tried after their end; only if the MailBackend verifies passwords.</summary>
    public ImmutableArray<SealedPassword> ToBeRefused { get; init; } = [];
}
