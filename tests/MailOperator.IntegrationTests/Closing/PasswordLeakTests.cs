using System.Text;
using System.Text.Json;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Kubernetes;

namespace MailOperator.IntegrationTests.Closing;

/// <summary>Checks everything that this run has done.</summary>
[Collection(CollectionsByName.Closing)]
[Trait(RunsTrait.Name, RunsTrait.Last)]
public sealed class PasswordLeakTests
{
    [Fact]
    public async Task Passwords_OfTheWholeRun_AreNowhereButInSecrets()
    {
        TestBed bed = await TestBed.GetAsync();
        IReadOnlyCollection<string> passwords = bed.Ledger.Passwords;
        Assert.True(
            passwords.Count > 5 || Environment.GetEnvironmentVariable("FILTER") is not null,
            $"Only {passwords.Count} passwords were seen.");
        Dictionary<string, string> searched = await PlacesAsync(bed);

        Assert.Contains("IssueCredential", searched.Where(pair => pair.Key.EndsWith(".log", StringComparison.Ordinal))
            .Select(pair => pair.Value)
            .Aggregate(string.Concat));
        Assert.Empty(Leaks(searched, passwords));
    }

    [Fact]
    public async Task PasswordsAndTokens_OfPersons_AreNowhereAtAll()
    {
        // Mutants: log the page in the portal; keep the password in a claim, a cookie or an event; log the path of the
        // link.
        TestBed bed = await TestBed.GetAsync();
        Dictionary<string, string> searched = await PlacesAsync(bed);
        string portal = searched["the portal"] = await Portal.PortalBed.TellsAsync();
        Assert.True(
            portal.Length == 0 || PersonalSecrets.Tokens.Count > 0,
            "No link of a portal that was used has been noted.");

        Assert.Empty(Leaks(searched, PersonalSecrets.Tokens)); // the Secret with the link contains them
        searched["secrets"] = await JsonAsync(bed, ResourceType.Secrets);
        Assert.Empty(Leaks(searched, PersonalSecrets.Passwords));
    }

    /// <summary>Everything that the operator writes except the data of Secrets.</summary>
    private static async Task<Dictionary<string, string>> PlacesAsync(TestBed bed)
    {
        var places = new Dictionary<string, string>();
        foreach (string log in Directory.EnumerateFiles(bed.Operator.Folder, "operator-*.log"))
        {
            places[log] = await ReadAsync(log);
        }

        places[bed.Dovecot.PasswdFile] = string.Join('\n', bed.PasswdLines());
        places[bed.Dovecot.Log] = await ReadAsync(bed.Dovecot.Log);
        places["metrics"] = await bed.Operator.MetricsAsync();
        foreach (ResourceType type in (ResourceType[])[
            ApiGroup.MailDevices, ApiGroup.MailBackends, ApiGroup.DeviceInvitations, ResourceType.Events,
            ResourceType.Leases, ResourceType.Namespaces])
        {
            places[type.Plural] = await JsonAsync(bed, type);
        }

        // A Secret without its data: managed fields, annotations and owners.
        places["metadata of secrets"] = string.Join(
            '\n', (await bed.Cluster.ListAsync(ResourceType.Secrets)).Select(one => one["metadata"]!.ToJsonString()));
        return places;
    }

    private static async Task<string> JsonAsync(TestBed bed, ResourceType type) =>
        string.Join('\n', (await bed.Cluster.ListAsync(type)).Select(static one => one.ToJsonString()));

    private static string[] Leaks(Dictionary<string, string> places, IReadOnlyCollection<string> secrets) =>
    [
        .. from place in places
           from secret in secrets
           from form in Forms(secret)
           where place.Value.Contains(form, StringComparison.Ordinal)
           select $"{place.Key} holds {secret[..Math.Min(6, secret.Length)]}… as {form.Length} characters",
    ];

    private static IEnumerable<string> Forms(string password)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(password);
        yield return password;
        yield return Uri.EscapeDataString(password);
        yield return JsonEncodedText.Encode(password).ToString();
        yield return Encoding.Latin1.GetString(Encoding.Unicode.GetBytes(password));
        // Base64 depends on the offset of the password in the text, so the middle part of all three encodings is
        // searched for.
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
