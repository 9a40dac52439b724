using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Kubernetes;
using MailOperator.Tests;

namespace MailOperator.IntegrationTests.MailDevices;

/// <summary>
/// The operator's own logins and its calls of doveadm at a Dovecot whose certificate only <c>caBundle</c> trusts.
/// </summary>
public sealed class TlsTests : OperatorTest
{
    private readonly string _backend = $"secure-{Guid.NewGuid().ToString("N")[..8]}";

    private string Mailbox => $"{_backend}@example.com";

    private ObjectKey BackendKey => new("", _backend);

    [Theory]
    [InlineData("IMAP", "imap")]
    [InlineData("POP3", "pop3")]
    [InlineData("SMTP", "submission")]
    public async Task Verification_CertificateOfAnAuthorityOfOnesOwn_WorksWithCaBundle(string protocol, string service)
    {
        // Mutants: ask the system's authorities only; accept every certificate; use the bundle for one protocol only.
        await CreateBackendAsync(verification: "Login", doveadm: "", Bed.Dovecot);
        await Cluster.CreateDeviceAsync(
            Namespace, "tried",
            $"{{mailbox: {Mailbox}, backendRef: {{name: {_backend}}}, protocols: [{protocol}]}}");
        await Bed.WaitForDeviceAsync(
            Key("tried"), ConditionTypes.Verified, "Unknown", says: [protocol, "spec.client.caBundle"]);

        await Cluster.MergeAsync(
            ApiGroup.MailBackends, BackendKey, $"{{spec: {{client: {{caBundle: {Bed.Dovecot.CaBundle}}}}}}}");

        await Bed.WaitForDeviceAsync(Key("tried"), ConditionTypes.Verified, "True", Reasons.LoginAccepted);
        Assert.Contains(File.ReadLines(Bed.Dovecot.Log), line =>
            line.Contains($"{service}-login: Info: Login: user=<{Mailbox}>", StringComparison.Ordinal)
            && line.Contains("TLS", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Doveadm_CertificateOfAnAuthorityOfOnesOwn_IsToldWithCaBundle()
    {
        // Mutants: ask the system's authorities only; accept every certificate.
        string folder = Directory.CreateTempSubdirectory("secure-").FullName;
        await using DovecotServer dovecot = await DovecotServer.StartAsync(
            folder, passwdFile: Bed.Dovecot.PasswdFile, doveadmTls: true);
        await CreateBackendAsync(verification: "None", Doveadm(dovecot), dovecot);
        await Cluster.CreateDeviceAsync(
            Namespace, "told", $"{{mailbox: {Mailbox}, backendRef: {{name: {_backend}}}}}");
        await Bed.WaitForDeviceAsync(Key("told"), ConditionTypes.Ready, "True");
        await Cluster.DeleteAsync(ApiGroup.MailDevices, Key("told"));
        await Bed.WaitForDeviceAsync(
            Key("told"), ConditionTypes.RevocationPending, "True", says: ["certificate", "caBundle"]);

        await Cluster.MergeAsync(
            ApiGroup.MailBackends, BackendKey,
            $"{{spec: {{{Doveadm(dovecot, $"caBundle: {dovecot.CaBundle},")}}}}}");

        await Eventually.TrueAsync(
            "the device is gone", async () => await Cluster.FindAsync(ApiGroup.MailDevices, Key("told")) is null);
    }

    [Fact]
    public async Task MySql_CertificateNamesAnAddressForItsIssuer_NothingIsFetched()
    {
        // Mutant: a process that lets .NET fetch certificates. The driver verifies a chain without a policy first.
        await using var trap = new TlsTrap(TlsTrap.ServerAuth, isIssuerHidden: true, TlsTrap.Greeting.MySql);
        await SqlBackends.CreateSecretAsync(Cluster, _backend, $"unlike-any-name-{Guid.NewGuid():N}");
        await Cluster.CreateAsync(ApiGroup.MailBackends, "", $$"""
            metadata: {name: {{_backend}}}
            spec:
              client:
                imap: {host: localhost, port: 993}
              sql:
                engine: MySQL
                host: localhost
                port: {{trap.Port}}
                database: mail
                credentialsSecret: {name: {{_backend}}}
                caBundle: {{Convert.ToBase64String(trap.Root)}}
            """);

        await Eventually.TrueAsync("the backend is not ready for its certificate", async () =>
            await Cluster.FindAsync(ApiGroup.MailBackends, BackendKey) is { } backend
            && Status.Condition(backend, ConditionTypes.Ready) is { } ready
            && ((string)ready["message"]!).Contains("certificate is not accepted", StringComparison.Ordinal));

        Assert.True(trap.Shown > 0);
        Assert.Equal((0, 0), (trap.Fetches, trap.Accepted));
    }

    private string Doveadm(DovecotServer dovecot, string caBundle = "") =>
        $"dovecot: {{doveadm: [{{url: \"https://localhost:{dovecot.DoveadmPort}/doveadm/v1\", {caBundle} "
        + $"credentialsSecret: {{name: {_backend}}}}}]}}";

    private async Task CreateBackendAsync(string verification, string doveadm, DovecotServer dovecot)
    {
        await Cluster.CreateAsync(ResourceType.Secrets, ShippedRights.Namespace, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = _backend },
            ["stringData"] = new JsonObject
            {
                ["api-key"] = (await File.ReadAllTextAsync(
                    dovecot.DoveadmKeyFile, TestContext.Current.CancellationToken)).Trim(),
            },
        });
        await Cluster.CreateAsync(ApiGroup.MailBackends, "", $$"""
            metadata: {name: {{_backend}}}
            spec:
              passwdFile: {path: {{Bed.Dovecot.PasswdFile}}}
              client:
                imap: {host: localhost, port: {{dovecot.ImapsPort}}}
                pop3: {host: localhost, port: {{dovecot.Pop3Port}}, security: STARTTLS}
                smtp: {host: localhost, port: {{dovecot.SubmissionPort}}, security: STARTTLS}
              verification: {{verification}}
              {{doveadm}}
              hashing: {workFactor: 4}
              grants:
              - mailboxes: ["*@example.com"]
            """);
    }
}
