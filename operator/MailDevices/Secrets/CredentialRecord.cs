using System.Collections.Immutable;

namespace MailOperator.MailDevices.Secrets;

/// <summary>What a Secret's annotations say of the password in it.</summary>
internal sealed record CredentialRecord
{
    /// <summary>How many passwords the device has had.</summary>
    public required int Epoch { get; init; }

    public required string Selector { get; init; }

    /// <summary>When the Secret was written with it; whole seconds, UTC.</summary>
    public required DateTimeOffset IssuedAt { get; init; }

    /// <summary>The rotate token that it answers; "" if there was none.</summary>
    public string HandledRotation { get; init; } = "";

    public string HandledRotateAndRevoke { get; init; } = "";

    /// <summary>It follows another, and what runs with that one was not restarted yet.</summary>
    public bool IsRestartOwed { get; init; }

    /// <summary>Where the password came from.</summary>
    public PasswordOrigin Origin { get; init; } = new PasswordOrigin.Generated();

    /// <summary>Earlier credentials and when each ends.</summary>
    public ImmutableArray<RetiringCredential> Retiring { get; init; } = [];

    /// <summary>Earlier passwords that a login is to be tried with once they have ended; only where verification is asked for.</summary>
    public ImmutableArray<SealedPassword> ToBeRefused { get; init; } = [];
}
