using MailOperator.Kubernetes;

namespace MailOperator.Reporting;

/// <summary>One line of the audit trail. Fields that are null are left out.</summary>
/// <param name="Action">One of <see cref="AuditAction"/>.</param>
/// <param name="Trigger">One of <see cref="AuditTrigger"/>.</param>
/// <param name="Kind">The kind of the object.</param>
/// <param name="Object">The object; for a password without one, the MailBackend.</param>
/// <param name="Uid">Of the object, or of the device that is gone.</param>
internal sealed record AuditEntry(string Action, string Trigger, string Kind, ObjectKey Object, string Uid)
{
    /// <summary>Combinations that counters show at zero.</summary>
    public static readonly (string Action, string Trigger)[] Usual =
    [
        (AuditAction.Issued, AuditTrigger.Spec), (AuditAction.Issued, AuditTrigger.Claim),
        (AuditAction.Rotated, AuditTrigger.Schedule), (AuditAction.Rotated, AuditTrigger.Token),
        (AuditAction.Rotated, AuditTrigger.Tamper), (AuditAction.Ended, AuditTrigger.Deletion),
        (AuditAction.Ended, AuditTrigger.Overlap), (AuditAction.Ended, AuditTrigger.Orphan),
        (AuditAction.Refused, AuditTrigger.Grant),
    ];

    /// <summary>Name of the MailBackend.</summary>
    public string? Backend { get; init; }

    public string? Mailbox { get; init; }

    /// <summary>The selectors of the passwords, with commas between them.</summary>
    public string? Credential { get; init; }

    /// <summary>A reason of a condition, or why a claim was refused.</summary>
    public string? Reason { get; init; }

    /// <summary>The names are those of docs/audit.md.</summary>
    public IEnumerable<KeyValuePair<string, object?>> Fields() => new (string Name, string? Value)[]
    {
        ("action", Action), ("trigger", Trigger), ("kind", Kind),
        ("namespace", Object.Namespace.Length == 0 ? null : Object.Namespace), ("name", Object.Name), ("uid", Uid),
        ("backend", Backend), ("mailbox", Mailbox), ("credential", Credential), ("reason", Reason),
    }.Where(static field => field.Value is not null)
        .Select(static field => new KeyValuePair<string, object?>(field.Name, field.Value));
}

/// <summary>What was done.</summary>
internal static class AuditAction
{
    public const string Issued = "issued";
    public const string Rotated = "rotated";
    public const string Restored = "restored";
    public const string Adopted = "adopted";
    public const string Ended = "ended";
    public const string Limited = "limited";
    public const string Retained = "retained";
    public const string Refused = "refused";
    public const string ClaimAccepted = "claim-accepted";
    public const string ClaimRefused = "claim-refused";
}

/// <summary>Who or what asked for it.</summary>
internal static class AuditTrigger
{
    /// <summary>The spec of the object, its user's or its MailBackend's.</summary>
    public const string Spec = "spec";

    /// <summary>An annotation of a person: rotate, rotate-and-revoke, end-retained.</summary>
    public const string Token = "token";

    /// <summary>An interval is over.</summary>
    public const string Schedule = "schedule";

    /// <summary>The time of a replaced password is over.</summary>
    public const string Overlap = "overlap";

    /// <summary>Somebody else changed or deleted the Secret, or the slot at the mail system.</summary>
    public const string Tamper = "tamper";

    /// <summary>A person took the password with a link.</summary>
    public const string Claim = "claim";

    /// <summary>The object is deleted.</summary>
    public const string Deletion = "deletion";

    /// <summary>A grant, or that there is none.</summary>
    public const string Grant = "grant";

    /// <summary>The device or the link has expired.</summary>
    public const string Expiry = "expiry";

    /// <summary>The device or its user is suspended.</summary>
    public const string Suspension = "suspension";

    /// <summary>The device is gone without a revocation.</summary>
    public const string Orphan = "orphan";
}
