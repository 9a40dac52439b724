using System.Collections.Immutable;
using MailOperator.Integrity;
using MailOperator.MailDevices.Spec;

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

    /// <summary>Of a chosen password the digest that <see cref="CredentialDigest.OfChosen"/> gives; "" for a generated one.</summary>
    public string Source { get; init; } = "";

    public bool IsChosen => Source.Length > 0;

    /// <summary>Of a password that the mail system made the <see cref="DesiredCredential.Shape"/> that it was made for; else "".</summary>
    public string Shape { get; init; } = "";

    /// <summary>The claim by which a person took the password, so that the Secret holds only its hash; "" for any other.</summary>
    public string Claim { get; init; } = "";

    public bool IsHeld => Claim.Length > 0;

    /// <summary>Earlier credentials and when each ends.</summary>
    public ImmutableArray<RetiringCredential> Retiring { get; init; } = [];

    /// <summary>Earlier passwords that a login is to be tried with once they have ended; only where verification is asked for.</summary>
    public ImmutableArray<SealedPassword> ToBeRefused { get; init; } = [];
}
