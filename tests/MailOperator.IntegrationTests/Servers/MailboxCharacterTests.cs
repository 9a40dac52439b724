using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.IntegrationTests.MailDevices;

namespace MailOperator.IntegrationTests.Servers;

/// <summary>
/// Whatever the CRD accepts as a mailbox can log in, with the configuration that we ship: Ready means that a login
/// works.
/// </summary>
public sealed class MailboxCharacterTests : OperatorTest
{
    private const int Batch = 8;

    /// <summary>What the pattern allows before the @, beside letters and digits.</summary>
    private const string Special = "._+=~-";

    private static readonly string[] Everything =
        [MailSystem.Imap, MailSystem.Pop3, MailSystem.DovecotSubmission, MailSystem.Postfix];

    private static readonly string[] Domains = ["a.example.com", "0.1-2.example.com", "a--b.example.com"];

    private readonly string _backend = $"characters-{Guid.NewGuid().ToString("N")[..8]}";

    /// <summary>Each character alone, first, last, inside and repeated; each kind of label of a domain.</summary>
    private static IEnumerable<string> Mailboxes() =>
    [
        .. (Special + "a0").SelectMany(static one => (string[])
            [$"{one}", $"{one}x", $"x{one}", $"x{one}x", $"x{one}{one}x"]).Select(static name => $"{name}@example.com"),
        $"{Special}@example.com",
        $"{new string('x', 64)}@example.com",
        .. Domains.Select(static domain => $"x@{domain}"),
    ];

    [Theory]
    [InlineData(null)]
    [InlineData("postgresql")]
    [InlineData("mariadb")]
    [InlineData("ldap")]
    public async Task Mailbox_EveryCharacterInEveryPlace_LogsInEverywhere(string? engine)
    {
        // Mutant: the default auth_username_chars of Dovecot, which lack +=~; an engine's quoting of one of them.
        MailSystem[] systems = engine is null
            ? [await Bed.MailSystemAsync("2.3"), await Bed.MailSystemAsync("2.4")]
            : [await Bed.MailSystemAsync("2.3", engine), await Bed.MailSystemAsync("2.4", engine)];
        await CreateBackendAsync(engine, systems[0]);
        string[] mailboxes = [.. Mailboxes()];
        for (int index = 0; index < mailboxes.Length; index++)
        {
            await Cluster.CreateDeviceAsync(
                Namespace, $"device-{index}", $"{{mailbox: '{mailboxes[index]}', backendRef: {{name: {_backend}}}}}");
        }

        var refused = new List<string>();
        foreach (int[] batch in Enumerable.Range(0, mailboxes.Length).Chunk(Batch))
        {
            refused.AddRange((await Task.WhenAll(batch.Select(index => RefusedAsync(index, systems))))
                .SelectMany(static one => one));
        }

        Assert.Empty(refused);
    }

    private async Task<IReadOnlyList<string>> RefusedAsync(int index, MailSystem[] systems)
    {
        await Bed.WaitForDeviceAsync(Key($"device-{index}"), "Ready", "True", limit: TimeSpan.FromMinutes(2));
        DeviceSecret secret = await Bed.SecretAsync(Key($"device-{index}"));
        var refused = new List<string>();
        foreach (MailSystem system in systems)
        {
            refused.AddRange(Everything.Except(await system.AcceptedAsync(secret))
                .Select(service => $"{secret["username"]} at {service} of {system.Dovecot.Log}"));
        }

        return refused;
    }

    private async Task CreateBackendAsync(string? engine, MailSystem system)
    {
        if (engine is null)
        {
            await Cluster.CreateAsync(ApiGroup.MailBackends, "", TestBed.BackendYaml(
                _backend, $"{{path: {Bed.Dovecot.PasswdFile}}}", Bed.Dovecot));
        }
        else
        {
            ILookupServer server = engine == "ldap"
                ? await DirectoryServer.GetAsync()
                : await DatabaseServer.GetAsync(engine);
            await server.CreateSecretAsync(Cluster, _backend, server.OperatorPassword);
            await Cluster.CreateAsync(ApiGroup.MailBackends, "", server.BackendYaml(_backend, system.Dovecot));
        }

        string domains = string.Join(", ", Domains.Select(static domain => $"'*@{domain}'"));
        await Bed.ChangeBackendAsync(
            _backend, $"{{spec: {{grants: [{{mailboxes: ['*@example.com', {domains}]}}]}}}}");
    }
}
