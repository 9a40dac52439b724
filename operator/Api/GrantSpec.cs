using System.Text.Json.Serialization;
using MailOperator.Kubernetes;

namespace MailOperator.Api;

/// <summary>Allows namespaces to have devices for mailboxes. Anything that no grant allows is denied.</summary>
internal sealed class GrantSpec
{
    public NamespaceSelection? Namespaces { get; set; }

    /// <summary>Addresses or patterns with <c>*</c>, such as <c>*@apps.example.com</c>.</summary>
    public string[] Mailboxes { get; set; } = [];

    /// <summary>Whether devices may have a chosen password; null is denied.</summary>
    public ChosenPasswordPolicy? ChosenPasswords { get; set; }

    /// <summary>Whether the passwords of a deleted device may be kept; null is denied.</summary>
    public RetentionPolicy? Retention { get; set; }

    /// <summary>How many devices a mailbox may have at this backend, in all namespaces together.</summary>
    public int? MaxDevicesPerMailbox { get; set; }

    /// <summary>How many devices a namespace may have at this backend, for all mailboxes together.</summary>
    public int? MaxDevicesPerNamespace { get; set; }

    /// <summary>Whether it limits the number of devices.</summary>
    [JsonIgnore]
    public bool HasQuota => MaxDevicesPerMailbox is not null || MaxDevicesPerNamespace is not null;
}

[JsonConverter(typeof(EnumNames<RetentionPolicy>))]
internal enum RetentionPolicy
{
    Denied,
    Allowed,
}

[JsonConverter(typeof(EnumNames<ChosenPasswordPolicy>))]
internal enum ChosenPasswordPolicy
{
    Denied,
    Allowed,
}

/// <summary>Namespaces by name or by label; neither means every namespace.</summary>
internal sealed class NamespaceSelection
{
    public string[]? Names { get; set; }

    public LabelSelector? Selector { get; set; }
}

internal sealed class LabelSelector
{
    public Dictionary<string, string>? MatchLabels { get; set; }

    public LabelSelectorRequirement[]? MatchExpressions { get; set; }
}

internal sealed class LabelSelectorRequirement
{
    public string Key { get; set; } = "";

    public LabelSelectorOperator Operator { get; set; }

    public string[]? Values { get; set; }
}

[JsonConverter(typeof(EnumNames<LabelSelectorOperator>))]
internal enum LabelSelectorOperator
{
    In,
    NotIn,
    Exists,
    DoesNotExist,
}
