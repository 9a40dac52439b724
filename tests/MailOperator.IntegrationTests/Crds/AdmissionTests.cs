using System.Text.Json.Nodes;
using MailOperator.Tests;

namespace MailOperator.IntegrationTests.Crds;

public sealed class AdmissionTests(ApiServer server) : IClassFixture<ApiServer>
{
    public static TheoryData<string> Kinds => [.. CustomResourceDefinition.All.Select(crd => crd.Kind)];

    public static TheoryData<int, string> Refused =>
        [.. RefusedObject.All.Select((entry, index) => (index, $"{entry.Kind} {entry.Constraint}"))];

    public static TheoryData<string> ExampleFiles =>
    [
        .. Directory.EnumerateFiles(Repository.Path("examples"), "*.yaml", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Repository.Root, file)).Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Constraints_OfTheSchema_AllHaveARefusedObject(string kind)
    {
        string[] constraints =
            [.. SchemaConstraint.Of(CustomResourceDefinition.OfKind(kind)).Select(constraint => constraint.Name)];
        string[] tried =
            [.. RefusedObject.All.Where(entry => entry.Kind == kind).Select(entry => entry.Constraint).Distinct()];

        string untried = string.Join('\n', constraints.Except(tried).Select(name => $"{name}: not in refused.yaml"));
        string unknown = string.Join('\n', tried.Except(constraints).Select(name => $"{name}: not in the schema"));

        Assert.True(untried.Length + unknown.Length == 0, $"{untried}\n{unknown}");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Create_GoodObject_IsAccepted(string kind)
    {
        string? refusal = await server.CreateAsync(
            RefusedObject.Good(kind), dryRun: true, TestContext.Current.CancellationToken);

        Assert.Null(refusal);
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Write_ObjectThatBreaksAConstraint_IsRefusedAndSaysWhy(int index, string name)
    {
        RefusedObject entry = RefusedObject.All[index];
        SchemaConstraint constraint = SchemaConstraint.Of(CustomResourceDefinition.OfKind(entry.Kind))
            .Single(constraint => constraint.Name == entry.Constraint);

        string? refusal = entry.Then is null
            ? await server.CreateAsync(entry.First, dryRun: true, TestContext.Current.CancellationToken)
            : await CreateThenChangeAsync(entry.First, entry.Then, entry.Status);

        Assert.True(refusal is not null, $"{name}: accepted");
        Assert.Contains(constraint.Says, refusal, StringComparison.Ordinal);
        Assert.Matches(constraint.PathInAnswer, refusal);
    }

    [Theory]
    [InlineData("{}", "{backendRef: {name: dovecot}}", null)]
    [InlineData("{backendRef: {name: dovecoot}}", "{backendRef: {name: dovecot}}", null)]
    [InlineData("{backendRef: {name: dovecoot}}", "{}", null)]
    [InlineData("{}", "{backendRef: {name: dovecot}}", "{backend: dovecot}")]
    [InlineData("{backendRef: {name: a}}", "{backendRef: {name: a}, suspended: true}", "{backend: a}")]
    // One that names another MailBackend all the same stays editable, and can be put right.
    [InlineData("{backendRef: {name: other}}", "{backendRef: {name: other}, suspended: true}", "{backend: dovecot}")]
    [InlineData("{backendRef: {name: other}}", "{backendRef: {name: dovecot}}", "{backend: dovecot}")]
    public async Task Change_BackendRefThatIsRight_IsAccepted(string first, string then, string? status)
    {
        // Mutant: the rule that looked at the spec alone. A typo could be mended only by deleting the device.
        JsonObject device = RefusedObject.Good("MailDevice");
        JsonObject changed = device.DeepClone().AsObject();
        AddSpec(device, first);
        AddSpec(changed, then);

        string? refusal = await CreateThenChangeAsync(
            device, changed, status is null ? null : YamlJson.Parse(status)!.AsObject());

        Assert.Null(refusal);
    }

    [Theory]
    [InlineData("0s")]
    [InlineData("30m")]
    [InlineData("24h")]
    [InlineData("1d12h")]
    [InlineData("1d2h3m4s")]
    [InlineData("90d")]
    [InlineData("7776000s")]
    public async Task Create_OverlapWithinTheLimit_IsAccepted(string overlap)
    {
        JsonObject device = RefusedObject.Good("MailDevice");
        device["spec"]!["rotation"] = new JsonObject { ["overlap"] = overlap };

        string? refusal = await server.CreateAsync(device, dryRun: true, TestContext.Current.CancellationToken);

        Assert.Null(refusal);
    }

    [Theory]
    [InlineData("imap.example.com")]
    [InlineData("localhost")]
    [InlineData("192.0.2.1")]
    [InlineData("2001:db8::25")]
    public async Task Create_HostNameOrAddress_IsAccepted(string host)
    {
        JsonObject backend = RefusedObject.Good("MailBackend");
        backend["spec"]!["client"]!["imap"]!["host"] = host;

        string? refusal = await server.CreateAsync(backend, dryRun: true, TestContext.Current.CancellationToken);

        Assert.Null(refusal);
    }

    [Theory]
    [InlineData("Opaque")]
    [InlineData("kubernetes.io/basic-auth")]
    [InlineData("servicebinding.io/smtp")]
    [InlineData("example.com/mail")]
    public async Task Create_SecretTypeThatCanHoldAPassword_IsAccepted(string type)
    {
        JsonObject device = RefusedObject.Good("MailDevice");
        device["spec"]!["secret"] = new JsonObject { ["type"] = type };

        string? refusal = await server.CreateAsync(device, dryRun: true, TestContext.Current.CancellationToken);

        Assert.Null(refusal);
    }

    [Theory]
    [MemberData(nameof(ExampleFiles))]
    public async Task Create_ObjectsOfAnExample_AreAccepted(string file)
    {
        string[] kinds = [.. CustomResourceDefinition.All.Select(crd => crd.Kind)];
        foreach (JsonObject @object in YamlJson.ReadAll(Repository.Path(file)))
        {
            if (!kinds.Contains((string)@object["kind"]!))
            {
                continue;
            }

            @object["metadata"]!.AsObject().Remove("namespace"); // the namespace of the example may not exist
            string? refusal = await server.CreateAsync(@object, dryRun: true, TestContext.Current.CancellationToken);

            Assert.True(refusal is null, $"{file}: {refusal}");
        }
    }

    private static void AddSpec(JsonObject target, string yaml)
    {
        foreach ((string key, JsonNode? value) in YamlJson.Parse(yaml)!.AsObject())
        {
            target["spec"]![key] = value!.DeepClone();
        }
    }

    private async Task<string?> CreateThenChangeAsync(JsonObject first, JsonObject then, JsonObject? status = null)
    {
        JsonObject created = first.DeepClone().AsObject();
        created["metadata"]!["name"] = $"d-{Guid.NewGuid():N}";
        Assert.Null(await server.CreateAsync(created, dryRun: false, TestContext.Current.CancellationToken));

        if (status is not null)
        {
            Assert.Null(await server.PatchAsync(
                created, "status", new JsonObject { ["status"] = status.DeepClone() },
                TestContext.Current.CancellationToken));
        }

        // A merge patch sets to null what the changed object does not have.
        JsonObject spec = then["spec"]!.DeepClone().AsObject();
        foreach (string key in first["spec"]!.AsObject().Select(pair => pair.Key).Where(key => !spec.ContainsKey(key)))
        {
            spec[key] = null;
        }

        string? refusal = await server.PatchAsync(
            created, null, new JsonObject { ["spec"] = spec }, TestContext.Current.CancellationToken);
        await server.DeleteAsync(created, TestContext.Current.CancellationToken);
        return refusal;
    }
}
