using System.Text.Json.Serialization;
using MailOperator.Kubernetes;

namespace MailOperator.Api;

/// <summary>A person who is responsible for devices in the same namespace.</summary>
internal sealed class MailUser : ApiObject
{
    public MailUserSpec Spec { get; set; } = new();

    public MailUserStatus? Status { get; set; }
}

internal sealed class MailUserSpec
{
    public string? DisplayName { get; set; }

    public string? EmailAddress { get; set; }

    /// <summary>Whether the user's devices may send mail.</summary>
    public SendingRight? Sending { get; set; }

    /// <summary>Whether the mail system refuses all the user's devices.</summary>
    public bool? Suspended { get; set; }

    /// <summary>The user's id in a mail system that has users and generates the passwords.</summary>
    public string? ExternalId { get; set; }
}

[JsonConverter(typeof(EnumNames<SendingRight>))]
internal enum SendingRight
{
    Allowed,
    Denied,
}

internal sealed class MailUserStatus
{
    public long? ObservedGeneration { get; set; }

    /// <summary>The number of MailDevices that name the user.</summary>
    public int? Devices { get; set; }

    /// <summary>How many of them have the user's restrictions, as they are now, at the mail system.</summary>
    public int? FollowingDevices { get; set; }

    public Condition[]? Conditions { get; set; }
}
