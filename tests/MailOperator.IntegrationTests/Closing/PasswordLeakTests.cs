using System.Text;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Kubernetes;

namespace MailOperator.IntegrationTests.Closing;

/// <summary>Looks back over all that this run has done.</summary>
[Collection(CollectionsByName.Closing)]
[Trait(RunsTrait.Name, RunsTrait.Last)]
public sealed class PasswordLeakTests
{
    [Fact]
    public async Task Passwords_OfTheWholeRun_AreNowhereButInSecrets()
    {
        TestBed bed = await TestBed.GetAsync();
        IReadOnlyCollection<string> passwords = bed.Ledger.Passwords;
        Assert.True(passwords.Count > 50 || Environment.GetEnvironmentVariable("FILTER") is not null, $"Only {passwords.Count} passwords were seen.");
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
