namespace MailOperator.Tests;

/// <summary>
/// Two valid values, in YAML, for each field whose values cannot be generated from its schema. Enums, booleans and
/// numbers need no line here. A field without values fails the tests.
/// </summary>
internal static class FieldSamples
{
    public static readonly IReadOnlyDictionary<string, (string First, string Second)> Values =
        new Dictionary<string, (string, string)>
        {
            ["MailDevice.spec.backendRef.name"] = ("dovecot", "dovecot"),
            ["MailDevice.spec.mailbox"] = ("alerts@example.com", "alerts@EXAMPLE.com"),
            ["MailDevice.spec.displayName"] = ("Grafana alerts", "Grafana"),
            ["MailDevice.spec.protocols"] = ("[SMTP]", "[IMAP, SMTP]"),
            ["MailDevice.spec.allowedNetworks"] = ("[10.0.0.0/8]", "['10.0.0.0/8', '2001:db8::/32']"),
            ["MailDevice.spec.secret.name"] = ("renamed", "renamed.again"),
            ["MailDevice.spec.secret.type"] = ("Opaque", "kubernetes.io/basic-auth"),
            ["MailDevice.spec.secret.labels"] = ("{team: a}", "{team: b, tier: x}"),
            ["MailDevice.spec.secret.annotations"] = ("{note: a}", "{note: b, other: x}"),
            ["MailDevice.spec.secret.data"] = (
                "{ADDRESS: '{{ host }}:{{ port }}'}",
                "{DSN: 'smtp://{{ username | url_encode }}:{{ password }}@{{ host }}'}"),
            ["MailDevice.spec.userRef.name"] = ("ada", "bob"),
            ["MailDevice.spec.rolloutRestartTargets"] = (
                "[{kind: Deployment, name: a}]", "[{kind: Deployment, name: b}, {kind: StatefulSet, name: a}]"),
            ["MailDevice.spec.rotation.window.cron"] = ("0 2 * * SUN", "30 3 1 * *"),
            ["MailDevice.spec.rotation.window.duration"] = ("4h", "90m"),
            ["MailDevice.spec.rotation.window.timeZone"] = ("Europe/Zurich", "America/New_York"),
            ["MailDevice.spec.rotation.interval"] = ("90d", "30d"),
            ["MailDevice.spec.rotation.overlap"] = ("1h", "2h30m"),
            ["MailDevice.spec.expiry.at"] = ("'2030-01-01T00:00:00Z'", "'2031-01-01T00:00:00Z'"),
            ["MailDevice.spec.expiry.after"] = ("30d", "60d"),

            ["MailBackend.spec.passwdFile.path"] = ("/in/memory", "/in/memory2"),
            ["MailBackend.spec.passwdFile.secret"] = (
                "{namespace: mail, name: passwords}", "{namespace: mail, name: passwords, key: file}"),
            ["MailBackend.spec.passwdFile.loginLog.path"] = ("/var/log/dovecot.log", "/var/log/dovecot/info.log"),
            ["MailBackend.spec.client.imap.host"] = ("imap.example.com", "192.0.2.1"),
            ["MailBackend.spec.client.pop3.host"] = ("pop3.example.com", "192.0.2.1"),
            ["MailBackend.spec.client.smtp.host"] = ("smtp.example.com", "2001:db8::1"),
            ["MailBackend.spec.grants[].mailboxes"] = ("['*@example.com']", "[alerts@example.com, '*@*']"),
            ["MailBackend.spec.grants[].namespaces.names"] = ("[shop]", "[monitoring, shop]"),
            ["MailBackend.spec.grants[].namespaces.selector.matchLabels"] = ("{team: shop}", "{}"),
            ["MailBackend.spec.grants[].namespaces.selector.matchExpressions"] = (
                "[{key: team, operator: In, values: [shop]}]", "[{key: team, operator: Exists}]"),
            ["MailBackend.spec.expiry.after"] = ("30d", "60d"),
            ["MailBackend.spec.expiry.maximum"] = ("365d", "700d"),
            ["MailBackend.spec.sql.host"] = ("db.example.com", "192.0.2.1"),
            ["MailBackend.spec.sql.database"] = ("mail", "mail2"),
            ["MailBackend.spec.sql.credentialsSecret.name"] = ("database", "other-database"),
            ["MailBackend.spec.webhook.url"] = ("https://mail.example.com/mail-operator", "http://192.0.2.1:8080"),
            ["MailBackend.spec.webhook.authSecret.name"] = ("webhook", "other-webhook"),
            ["MailBackend.spec.webhook.capabilities"] = ("[Protocols]", "[Protocols, Expiry]"),
            ["MailBackend.spec.ldap.url"] = ("ldap://ldap.example.com", "ldaps://192.0.2.1:1636"),
            ["MailBackend.spec.ldap.baseDN"] = ("'ou=app-passwords,dc=example,dc=com'", "'ou=other,dc=example,dc=com'"),
            ["MailBackend.spec.ldap.passwordPolicy"] = (
                "'cn=policy,dc=example,dc=com'", "'cn=other,dc=example,dc=com'"),
            ["MailBackend.spec.ldap.bindSecret.name"] = ("directory", "other-directory"),
            ["MailBackend.spec.infomaniak.tokenSecret.name"] = ("infomaniak", "other-infomaniak"),
            ["MailBackend.spec.infomaniak.url"] = ("https://api.infomaniak.com", "http://192.0.2.1:8080"),
            ["MailBackend.spec.dovecot.doveadm[].url"] = (
                "https://dovecot.mail.svc:8080/doveadm/v1", "http://192.0.2.1:8080/doveadm/v1"),
            ["MailBackend.spec.dovecot.doveadm[].credentialsSecret.name"] = ("doveadm", "other-doveadm"),
            ["MailBackend.spec.orphans.grace"] = ("24h", "1h"),
            ["MailBackend.spec.rotation.window.cron"] = ("0 2 * * SUN", "30 3 1 * *"),
            ["MailBackend.spec.rotation.window.duration"] = ("4h", "90m"),
            ["MailBackend.spec.rotation.window.timeZone"] = ("Europe/Zurich", "America/New_York"),
            ["MailBackend.spec.rotation.interval"] = ("90d", "30d"),
            ["MailBackend.spec.rotation.overlap"] = ("1h", "2h30m"),

            ["MailUser.spec.displayName"] = ("Ada Lovelace", "Ada"),
            ["MailUser.spec.emailAddress"] = ("ada@example.com", "ada@example.org"),
            ["MailUser.spec.externalId"] = ("u17", "u18"),
        };

    /// <summary>Invalid values that cannot be derived from the keywords of the schema.</summary>
    public static readonly IReadOnlyDictionary<string, string> Invalid = new Dictionary<string, string>
    {
        ["MailDevice.spec.secret.type"] = "kubernetes.io/tls",
        ["MailDevice.spec.secret.labels"] = "{mailoperator.io/epoch: '7'}",
        ["MailDevice.spec.secret.annotations"] = "{argocd.argoproj.io/tracking-id: x}",
        ["MailDevice.spec.secret.data"] = "{password: mine}",
        ["MailDevice.spec.rolloutRestartTargets"] = "[{kind: Nonsense, name: a}]",
        ["MailDevice.spec.rotation.window.cron"] = "61 2 * * SUN",
        ["MailBackend.spec.rotation.window.cron"] = "61 2 * * SUN",
        ["MailBackend.spec.passwdFile.secret"] = "{namespace: mail}",
        ["MailBackend.spec.webhook.capabilities"] = "[Quotas]",
        ["MailBackend.spec.grants[].namespaces.selector.matchLabels"] = "{team: '-'}",
        ["MailBackend.spec.grants[].namespaces.selector.matchExpressions"] = "[{key: team, operator: Like}]",
    };

    /// <summary>
    /// Fields that exclude each other: the one on the right is removed for the one on the left and its members.
    /// </summary>
    public static readonly IReadOnlyDictionary<string, string> Excludes = new Dictionary<string, string>
    {
        ["MailBackend.spec.passwdFile.secret"] = "spec.passwdFile.path",
        ["MailBackend.spec.sql"] = "spec.passwdFile",
        ["MailBackend.spec.infomaniak"] = "spec.passwdFile",
        ["MailBackend.spec.ldap"] = "spec.passwdFile",
        ["MailBackend.spec.webhook"] = "spec.passwdFile",
    };

    /// <summary>Fields that have tests of their own instead, and the names of those tests.</summary>
    public static readonly IReadOnlyDictionary<string, string> Elsewhere = new Dictionary<string, string>
    {
        ["MailBackend.spec.client.caBundle"] =
            "It takes a certificate, and the server's to go with it: the tests of TLS of the MailDevices.",
        ["MailBackend.spec.dovecot.doveadm[].caBundle"] =
            "It takes a certificate, and the server's to go with it: the tests of TLS of the MailDevices.",
        ["MailBackend.spec.infomaniak.caBundle"] = "It takes a certificate, and the server's to go with it: "
            + "the tests of TLS of the webhook driver, whose client it is.",
        ["MailBackend.spec.sql.caBundle"] =
            "It takes a certificate, and the server's to go with it: the conformance tests of the SQL driver.",
        ["MailBackend.spec.webhook.caBundle"] =
            "It takes a certificate, and the server's to go with it: the tests of TLS of the webhook driver.",
        ["MailDevice.spec.password.invitationRef"] =
            "It is there from the beginning or never: the tests of invitations.",
        ["MailBackend.spec.ldap.caBundle"] =
            "It takes a certificate, and the server's to go with it: the conformance tests of the LDAP driver.",
        ["MailDevice.spec.password.valueFrom"] =
            "It takes a Secret with a password and changes the password: the crash points of chosen passwords.",
    };
}
