using System.Text.Json.Nodes;
using MailOperator.Kubernetes;

namespace MailOperator.IntegrationTests.Bed;

/// <summary>
/// MailBackends that use a database with TLS, with credentials in a Secret of the operator's namespace.
/// </summary>
internal static class SqlBackends
{
    /// <summary>A backend whose Secret has the same name.</summary>
    public static string Yaml(string name, DatabaseServer database, DovecotServer dovecot) =>
        $$$"""
        metadata: {name: {{{name}}}}
        spec:
          sql:
            engine: {{{database.Spec.Engine}}}
            host: localhost
            port: {{{database.Port}}}
            database: mail
            credentialsSecret: {name: {{{name}}}}
            tls: VerifyFull
            caBundle: {{{Convert.ToBase64String(database.Spec.CaBundle!)}}}
          client:
            imap: {host: 127.0.0.1, port: {{{dovecot.ImapPort}}}, security: None}
            pop3: {host: 127.0.0.1, port: {{{dovecot.Pop3Port}}}, security: None}
            smtp: {host: 127.0.0.1, port: {{{dovecot.SubmissionPort}}}, security: None}
          hashing: {workFactor: 4}
          grants:
          - mailboxes: ["*@example.com"]
          - {mailboxes: ["chosen-*@example.com"], chosenPasswords: Allowed}
        """;

    public static Task CreateSecretAsync(Cluster cluster, string name, string password) =>
        cluster.CreateAsync(ResourceType.Secrets, ShippedRights.Namespace, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = name },
            ["stringData"] = new JsonObject { ["username"] = "mail_operator", ["password"] = password },
        });
}
