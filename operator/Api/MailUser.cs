using MailOperator.Kubernetes;

namespace MailOperator.Api;

/// <summary>A person who answers for some devices of the same namespace.</summary>
internal sealed class MailUser : ApiObject
{
    public MailUserSpec Spec { get; set; } = new();

    public MailUserStatus? Status { get; set; }
}

internal sealed class MailUserSpec
{
    public string? DisplayName { get; set; }

    public string? EmailAddress { get; set; }

    /// <summary>Whether the user's devices may send at all.</summary>
    public SendingRight? Sending { get; set; }

    /// <summary>Whether all the user's devices are refused.</summary>
    public bool? Suspended { get; set; }

    /// <summary>The user's id in the mail system, where that keeps users and makes the passwords itself.</summary>
    public string? ExternalId { get; set; }
}

internal enum SendingRight
{
    Allowed,
    Denied,
}

internal sealed class MailUserStatus
{
    public long? ObservedGeneration { get; set; }

    /// <summary>MailDevices that name the user.</summary>
    public int? Devices { get; set; }

    public Condition[]? Conditions { get; set; }
}
