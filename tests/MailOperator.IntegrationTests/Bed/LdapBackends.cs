using System.Text.Json.Nodes;
using MailOperator.Kubernetes;

namespace MailOperator.IntegrationTests.Bed;

/// <summary>
/// MailBackends that use a directory with TLS, with credentials in a Secret of the operator's namespace.
/// </summary>
internal static class LdapBackends
{
    /// <summary>A backend whose Secret has the same name.</summary>
    public static string Yaml(string name, DirectoryServer directory, DovecotServer dovecot) =>
        $$$"""
        metadata: {name: {{{name}}}}
        spec:
          ldap:
            url: ldap://localhost:{{{directory.Port}}}
            baseDN: {{{DirectoryServer.BaseDn}}}
            bindSecret: {name: {{{name}}}}
            passwordPolicy: {{{DirectoryServer.PolicyDn}}}
            caBundle: {{{Convert.ToBase64String(directory.CaBundle)}}}
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
            ["stringData"] = new JsonObject { ["username"] = DirectoryServer.OperatorDn, ["password"] = password },
        });
}
