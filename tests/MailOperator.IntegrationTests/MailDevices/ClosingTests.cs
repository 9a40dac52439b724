using System.Text;
using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Kubernetes;

namespace MailOperator.IntegrationTests.MailDevices;

/// <summary>Looks back over all that the run has done.</summary>
[Collection(CollectionsByName.Closing)]
public sealed class ClosingTests
{
    [Fact]
    public async Task Passwords_OfTheWholeRun_AreNowhereButInSecrets()
    {
        TestBed bed = await TestBed.GetAsync();
        IReadOnlyCollection<string> passwords = bed.Ledger.Passwords;
        Assert.True(passwords.Count > 100 || Environment.GetEnvironmentVariable("FILTER") is not null, $"Only {passwords.Count} passwords were seen.");
        var searched = new Dictionary<string, string>();
        foreach (string log in Directory.EnumerateFiles(bed.Operator.Folder, "operator-*.log"))
        {
            searched[log] = await ReadAsync(log);
        }

        searched[bed.Dovecot.PasswdFile] = await ReadAsync(bed.Dovecot.PasswdFile);
        searched[bed.Dovecot.Log] = await ReadAsync(bed.Dovecot.Log);
        searched["metrics"] = await bed.Operator.MetricsAsync();
        foreach (ResourceType type in (ResourceType[])[ApiGroup.MailDevices, ApiGroup.MailBackends, ResourceType.Events, ResourceType.Leases, ResourceType.Namespaces])
        {
            searched[type.Plural] = string.Join('\n', (await bed.Cluster.ListAsync(type)).Select(one => one.ToJsonString()));
        }

        // Of a Secret everything but its data: the metadata has managed fields, annotations and owners.
        searched["metadata of secrets"] = string.Join('\n', (await bed.Cluster.ListAsync(ResourceType.Secrets)).Select(one => one["metadata"]!.ToJsonString()));

        Assert.Contains("IssueCredential", searched.Where(pair => pair.Key.EndsWith(".log", StringComparison.Ordinal)).Select(pair => pair.Value).Aggregate(string.Concat));
        string[] leaks =
        [
            .. from place in searched
               from password in passwords
               from form in Forms(password)
               where place.Value.Contains(form, StringComparison.Ordinal)
               select $"{place.Key} holds {password[..6]}… as {form.Length} characters",
        ];
        Assert.Empty(leaks);
    }

    [Fact]
    public async Task Rights_ThatTheChartGives_WereAllUsed()
    {
        await TestBed.GetAsync();
        HashSet<(string, string, string)> used = [.. AuditLog.Requests().Where(request => request.Code < 400).Select(request => (request.Group, request.Resource, request.Verb))];

        string[] unused =
        [
            .. from rule in ShippedRights.ClusterRules.Concat(ShippedRights.NamespaceRules)
               from @group in Strings(rule, "apiGroups")
               from resource in Strings(rule, "resources")
               from verb in Strings(rule, "verbs")
               where !used.Contains((@group, resource, verb))
               select $"{verb} {resource} of '{@group}'",
        ];

        Assert.Empty(unused.Distinct());
    }

    [Fact]
    public void Rights_ThatTheChartGives_WereEnough()
    {
        Assert.DoesNotContain(AuditLog.Requests(), static request => request.Code == 403 && !MayBeOfAGoingNamespace(request));
    }

    // In a namespace that is being deleted the server refuses every create with 403, whatever the rights.
    private static bool MayBeOfAGoingNamespace(AuditedRequest request) => request.Verb == "create";

    private static IEnumerable<string> Strings(JsonObject rule, string key) => rule[key]!.AsArray().Select(static value => (string)value!);

    private static IEnumerable<string> Forms(string password)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(password);
        yield return password;
        yield return Uri.EscapeDataString(password);
        yield return Encoding.Latin1.GetString(Encoding.Unicode.GetBytes(password));
        // Base64 depends on where in a text the password begins; the middle of each of the three ways is searched for.
        for (int offset = 0; offset < 3; offset++)
        {
            string encoded = Convert.ToBase64String([.. new byte[offset], .. bytes]);
            yield return encoded[4..^4];
        }
    }

    private static async Task<string> ReadAsync(string file)
    {
        await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }
}
