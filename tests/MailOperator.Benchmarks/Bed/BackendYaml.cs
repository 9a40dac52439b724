using MailOperator.IntegrationTests.Bed;

namespace MailOperator.Benchmarks.Bed;

/// <summary>MailBackends whose mail server nobody asks: only the store is measured.</summary>
internal static class BackendYaml
{
    public static string Sql(string name, DatabaseServer database, int workFactor, int? port = null) =>
        $$$"""
        metadata: {name: {{{name}}}}
        spec:
          sql:
            engine: {{{database.Spec.Engine}}}
            host: localhost
            port: {{{port ?? database.Port}}}
            database: mail
            credentialsSecret: {name: {{{name}}}}
            tls: VerifyFull
            caBundle: {{{Convert.ToBase64String(database.Spec.CaBundle!)}}}
        {{{Rest(workFactor)}}}
        """;

    public static string PasswdSecret(string name, string @namespace) =>
        $$$"""
        metadata: {name: {{{name}}}}
        spec:
          passwdFile: {secret: {namespace: {{{@namespace}}}, name: {{{name}}}}}
        {{{Rest(4)}}}
        """;

    private static string Rest(int workFactor) =>
        $$$"""
          client:
            imap: {host: 127.0.0.1, port: 143, security: None}
          hashing: {workFactor: {{{workFactor}}}}
          grants:
          - mailboxes: ["*@example.com"]
        """;
}
