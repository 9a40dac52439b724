using System.Collections.Immutable;

namespace MailOperator.MailDevices.Spec;

/// <summary>The data keys of a device's Secret: Service Binding's names first.</summary>
internal static class SecretKeys
{
    public const string Password = "password";
    public const string Uri = "uri";

    /// <summary>The bcrypt hash of a claimed password, in place of those two.</summary>
    public const string Hash = "hash";

    /// <summary>All data keys of the operator itself. It leaves others in the Secret alone.</summary>
    public static readonly ImmutableArray<string> DataKeys =
    [
        "type", "provider", "host", "port", "username", Password, Uri,
        "imap-host", "imap-port", "imap-security",
        "pop3-host", "pop3-port", "pop3-security",
        "smtp-host", "smtp-port", "smtp-security",
    ];

    /// <summary>The variables of a template: the operator's own keys, with _ for -.</summary>
    public static readonly ImmutableArray<string> TemplateVariables = [.. DataKeys.Select(Variable)];

    /// <summary>The name of a key in a template.</summary>
    public static string Variable(string key) => key.Replace('-', '_');
}
