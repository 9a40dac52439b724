using System.Text.Json.Serialization;
using MailOperator.Kubernetes;

namespace MailOperator.Api;

/// <summary>A mail system: where it keeps credentials, what clients type in, and who may ask for which mailboxes.</summary>
internal sealed class MailBackend : ApiObject
{
    public MailBackendSpec Spec { get; set; } = new();

    public MailBackendStatus? Status { get; set; }
}

internal sealed class MailBackendSpec
{
    public PasswdFileSpec? PasswdFile { get; set; }

    public SqlSpec? Sql { get; set; }

    public LdapSpec? Ldap { get; set; }

    public WebhookSpec? Webhook { get; set; }

    public InfomaniakSpec? Infomaniak { get; set; }

    public ClientSpec? Client { get; set; }

    public GrantSpec[]? Grants { get; set; }

    /// <summary>What becomes of the credential of a device whose grant is taken away.</summary>
    public GrantWithdrawal? GrantWithdrawn { get; set; }

    public HashingSpec? Hashing { get; set; }

    public BackendRotationSpec? Rotation { get; set; }

    public BackendExpirySpec? Expiry { get; set; }

    public DovecotSpec? Dovecot { get; set; }

    /// <summary>Passwords per minute that nobody asked for.</summary>
    public int? MaxRotationsPerMinute { get; set; }

    public OrphanSpec? Orphans { get; set; }

    /// <summary>Whether the mail server itself is asked what it makes of a password.</summary>
    public LoginVerification? Verification { get; set; }

    /// <summary>What mail clients are told: <see cref="Client"/>, or what a public mail system tells everybody.</summary>
    [JsonIgnore]
    public ClientSpec EffectiveClient => Client ?? (Infomaniak is null ? new ClientSpec() : InfomaniakSpec.PublicClient);
}

internal enum LoginVerification
{
    /// <summary>New passwords are tried by a login, and so are those of deleted devices.</summary>
    Login,

    None,
}

/// <summary>A Dovecot passwd-file: a local path or a Secret, exactly one of them.</summary>
internal sealed class PasswdFileSpec
{
    /// <summary>Absolute path of the file in the operator's own file system.</summary>
    public string? Path { get; set; }

    public SecretKeyReference? Secret { get; set; }

    public LoginLogSpec? LoginLog { get; set; }
}

/// <summary>Dovecot's log of logins, which tells when a device logged in last.</summary>
internal sealed class LoginLogSpec
{
    /// <summary>Absolute path of the file in the operator's own file system.</summary>
    public string Path { get; set; } = "";
}

/// <summary>A database with the table that a schema file of ours makes.</summary>
internal sealed class SqlSpec
{
    public SqlEngineKind Engine { get; set; }

    public string Host { get; set; } = "";

    public int? Port { get; set; }

    public string Database { get; set; } = "";

    /// <summary>In the operator's own namespace.</summary>
    public ObjectReference CredentialsSecret { get; set; } = new();

    public SqlTls? Tls { get; set; }

    /// <summary>Certificates in PEM.</summary>
    public byte[]? CaBundle { get; set; }

    public int? MaxConnections { get; set; }
}

internal enum SqlEngineKind
{
    PostgreSQL,

    /// <summary>And MariaDB.</summary>
    MySQL,
}

internal enum SqlTls
{
    /// <summary>Encrypted, and certificate and name of the server verified.</summary>
    VerifyFull,

    /// <summary>Encrypted, and nothing verified.</summary>
    Required,

    Disabled,
}

/// <summary>A mail system that serves our contract over HTTP.</summary>
internal sealed class WebhookSpec
{
    /// <summary>Before the paths of the contract.</summary>
    public string Url { get; set; } = "";

    /// <summary>In the operator's own namespace: key <c>token</c>, or <c>tls.crt</c> and <c>tls.key</c>, or all three.</summary>
    public ObjectReference AuthSecret { get; set; } = new();

    /// <summary>Certificates in PEM.</summary>
    public byte[]? CaBundle { get; set; }

    /// <summary>What devices may rely on it to enforce.</summary>
    public WebhookCapability[]? Capabilities { get; set; }
}

internal enum WebhookCapability
{
    Protocols,
    SendRight,
    Networks,
    Expiry,
    ChosenPassword,
}

/// <summary>A directory with the schema that a file of ours makes.</summary>
internal sealed class LdapSpec
{
    /// <summary><c>ldap://HOST</c> or <c>ldaps://HOST</c>, maybe with a port.</summary>
    public string Url { get; set; } = "";

    /// <summary>Below it are the entries, and nothing else is the operator's.</summary>
    public string BaseDN { get; set; } = "";

    /// <summary>In the operator's own namespace.</summary>
    public ObjectReference BindSecret { get; set; } = new();

    /// <summary>DN of the policy by which the overlay ppolicy refuses a password from its end on; without it the server knows no ends.</summary>
    public string? PasswordPolicy { get; set; }

    public LdapTls? Tls { get; set; }

    /// <summary>Certificates in PEM.</summary>
    public byte[]? CaBundle { get; set; }

    public int? MaxConnections { get; set; }
}

internal enum LdapTls
{
    /// <summary>Encrypted, by StartTLS for <c>ldap://</c>, and certificate and name of the server verified.</summary>
    VerifyFull,

    /// <summary>Encrypted, and nothing verified.</summary>
    Required,

    Disabled,
}

/// <summary>A mail service of Infomaniak.</summary>
internal sealed class InfomaniakSpec
{
    /// <summary>The servers as Infomaniak's documentation gives them.</summary>
    public static ClientSpec PublicClient { get; } = new()
    {
        Imap = new EndpointSpec { Host = "mail.infomaniak.com", Port = 993, Security = ConnectionSecurity.TLS },
        Pop3 = new EndpointSpec { Host = "mail.infomaniak.com", Port = 995, Security = ConnectionSecurity.TLS },
        Smtp = new EndpointSpec { Host = "mail.infomaniak.com", Port = 465, Security = ConnectionSecurity.TLS },
    };

    /// <summary>The number of the mail service.</summary>
    public long ServiceId { get; set; }

    /// <summary>In the operator's own namespace: key <c>token</c>.</summary>
    public ObjectReference TokenSecret { get; set; } = new();

    /// <summary>Of the API; left out, the public one's.</summary>
    public string? Url { get; set; }

    /// <summary>Certificates in PEM.</summary>
    public byte[]? CaBundle { get; set; }
}

/// <summary>One key of a Secret in a namespace.</summary>
internal sealed class SecretKeyReference
{
    public string Namespace { get; set; } = "";

    public string Name { get; set; } = "";

    public string? Key { get; set; }
}

/// <summary>What a mail client must be told to reach the mail system.</summary>
internal sealed class ClientSpec
{
    public EndpointSpec? Imap { get; set; }

    public EndpointSpec? Pop3 { get; set; }

    public EndpointSpec? Smtp { get; set; }
}

internal sealed class EndpointSpec
{
    public string Host { get; set; } = "";

    public int Port { get; set; }

    public ConnectionSecurity? Security { get; set; }
}

internal enum ConnectionSecurity
{
    TLS,
    STARTTLS,
    None,
}

/// <summary>Lets namespaces ask for mailboxes. What no grant allows is denied.</summary>
internal sealed class GrantSpec
{
    public NamespaceSelection? Namespaces { get; set; }

    /// <summary>Addresses or patterns with <c>*</c>, such as <c>*@apps.example.com</c>.</summary>
    public string[] Mailboxes { get; set; } = [];

    /// <summary>Whether devices may bring a password of their own; left out is denied.</summary>
    public ChosenPasswordPolicy? ChosenPasswords { get; set; }

    /// <summary>Devices that one mailbox may have at this backend, over all namespaces.</summary>
    public int? MaxDevicesPerMailbox { get; set; }

    /// <summary>Devices that one namespace may have at this backend, over all mailboxes.</summary>
    public int? MaxDevicesPerNamespace { get; set; }
}

internal enum ChosenPasswordPolicy
{
    Denied,
    Allowed,
}

internal enum GrantWithdrawal
{
    /// <summary>It goes on working; nothing new is issued.</summary>
    Keep,

    /// <summary>It ends, and its Secret goes.</summary>
    Revoke,
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

internal enum LabelSelectorOperator
{
    In,
    NotIn,
    Exists,
    DoesNotExist,
}

internal sealed class HashingSpec
{
    /// <summary>bcrypt's cost: each step doubles the time of a hash and of a login.</summary>
    public int? WorkFactor { get; set; }
}

internal sealed class BackendRotationSpec
{
    public string? Interval { get; set; }

    public string? Overlap { get; set; }

    public RotationWindowSpec? Window { get; set; }
}

internal sealed class BackendExpirySpec
{
    /// <summary>For devices that say nothing.</summary>
    public string? After { get; set; }

    /// <summary>The longest that a device may ask for.</summary>
    public string? Maximum { get; set; }
}

/// <summary>What becomes of slots whose MailDevice is gone.</summary>
internal sealed class OrphanSpec
{
    public OrphanPolicy? Policy { get; set; }

    /// <summary>How long such a slot is left, such as "24h".</summary>
    public string? Grace { get; set; }
}

internal enum OrphanPolicy
{
    Remove,
    Report,
}

/// <summary>The Dovecot servers themselves, beside where they find their passwords.</summary>
internal sealed class DovecotSpec
{
    /// <summary>Told when passwords end: to flush their cache and to end sessions.</summary>
    public DoveadmSpec[]? Doveadm { get; set; }
}

internal enum AuthCacheTreatment
{
    Flush,

    /// <summary>There is no cache: nothing is flushed.</summary>
    None,
}

/// <summary>Dovecot's HTTP API, of one server or of all that its host name has addresses of.</summary>
internal sealed class DoveadmSpec
{
    public string Url { get; set; } = "";

    /// <summary>Whether there is a cache to flush, and a doveadm that can.</summary>
    public AuthCacheTreatment? AuthCache { get; set; }

    /// <summary>In the operator's own namespace: key <c>api-key</c>, or <c>password</c> and maybe <c>username</c>.</summary>
    public ObjectReference CredentialsSecret { get; set; } = new();
}

internal sealed class MailBackendStatus
{
    public long? ObservedGeneration { get; set; }

    public string[]? Capabilities { get; set; }

    /// <summary>MailDevices that use this backend.</summary>
    public int? Devices { get; set; }

    /// <summary>Slots at the backend whose MailDevice is gone.</summary>
    public int? OrphanSlots { get; set; }

    /// <summary>The longest known of them.</summary>
    public OrphanStatus[]? Orphans { get; set; }

    public Condition[]? Conditions { get; set; }
}

/// <summary>A slot whose MailDevice is gone, as the status shows it.</summary>
internal sealed record OrphanStatus
{
    public required string Mailbox { get; init; }

    /// <summary>The selector.</summary>
    public required string Id { get; init; }

    public required string DeviceUid { get; init; }

    public required DateTimeOffset Since { get; init; }
}
