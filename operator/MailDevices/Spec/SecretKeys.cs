using System.Collections.Immutable;

namespace MailOperator.MailDevices.Spec;

/// <summary>The data keys of a device's Secret: Service Binding's names first.</summary>
internal static class SecretKeys
{
    public const string Password = "password";
    public const string Uri = "uri";

    /// <summary>In place of those two where a person holds the password: its bcrypt hash.</summary>
    public const string Hash = "hash";

    /// <summary>Every data key that the operator may ever write; others in the Secret are not its business.</summary>
    public static readonly ImmutableArray<string> DataKeys =
    [
        "type", "provider", "host", "port", "username", Password, Uri,
        "imap-host", "imap-port", "imap-security",
        "pop3-host", "pop3-port", "pop3-security",
        "smtp-host", "smtp-port", "smtp-security",
    ];

    /// <summary>Variables of a template: the operator's own keys, with _ for -.</summary>
    public static readonly ImmutableArray<string> TemplateVariables = [.. DataKeys.Select(Variable)];

    /// <summary>The name of a key in a template.</summary>
    public static string Variable(string key) => key.Replace('-', '_');
}
