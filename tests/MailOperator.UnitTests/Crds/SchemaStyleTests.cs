using System.Text.Json.Nodes;
using MailOperator.Tests;

namespace MailOperator.UnitTests.Crds;

public sealed class SchemaStyleTests
{
    public static TheoryData<string> Kinds => [.. CustomResourceDefinition.All.Select(crd => crd.Kind)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Field_Any_IsDescribed(string kind)
    {
        IEnumerable<string> silent = Fields(kind)
            .Where(field => field.Path != "metadata") // the API server describes it
            .Where(field => field.Description is not { Length: > 10 } text || !text.TrimEnd().EndsWith('.'))
            .Select(field => field.Path);

        AssertNone(silent);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Field_OptionalInASpec_DescribesItsDefault(string kind)
    {
        string[] phrases = ["Default", "Left out"];

        IEnumerable<string> silent = CustomResourceDefinition.OfKind(kind).Schema.All()
            .Where(node => node.Path.StartsWith("spec", StringComparison.Ordinal))
            .SelectMany(node => node.Properties.Where(field => !node.Required.Contains(field.Name)))
            .Where(field => field.Type != "object" && !field.Path.Contains("selector", StringComparison.Ordinal))
            .Where(field => !IsOneOfAChoice(field.Path))
            .Where(field => !phrases.Any(phrase => field.Description!.Contains(phrase, StringComparison.Ordinal)))
            .Select(field => field.Path);

        AssertNone(silent);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Schema_OfASpec_HasNoDefaults(string kind)
    {
        // GitOps tools show a default that the API server fills in as a difference, so the code has the defaults.
        IEnumerable<string> defaulted = CustomResourceDefinition.OfKind(kind).Schema.All()
            .Where(node => node.Path != "status" && node.Json.ContainsKey("default"))
            .Select(node => node.Path);

        AssertNone(defaulted);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Status_OfANewObject_IsNotObserved(string kind)
    {
        // Without a status, tools take a new object for ready before the operator has seen it.
        JsonNode? status = CustomResourceDefinition.OfKind(kind).Schema.Property("status")!.Json["default"];

        Assert.Equal("""{"observedGeneration":-1}""", status?.ToJsonString());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Value_OfUnknownSize_IsBounded(string kind)
    {
        IEnumerable<string> unbounded = CustomResourceDefinition.OfKind(kind).Schema.All()
            .Where(node => node.Path is not ("apiVersion" or "kind"))
            .Where(node => node.Type switch
            {
                "string" => node is { Enum.Count: 0, Format: null } && !node.Json.ContainsKey("maxLength"),
                "array" => !node.Json.ContainsKey("maxItems") || node.ListType is null,
                "object" => node.Values is not null && !node.Json.ContainsKey("maxProperties"),
                _ => false,
            })
            .Select(node => node.Path);

        AssertNone(unbounded);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Pattern_OfWhatPeopleWrite_IsAlsoARuleInWords(string kind)
    {
        // Mutant: a field without its rule. "should match '^[a-z0-9]([-a-z0-9]*…" would be the whole answer.
        IEnumerable<string> wordless = CustomResourceDefinition.OfKind(kind).Schema.All()
            .Where(node => node.Json.ContainsKey("pattern"))
            .Where(node => !node.Path.StartsWith("status", StringComparison.Ordinal))
            // As many labels as 100 grants may hold are more than the API server gives to rules; they are those of
            // Kubernetes itself.
            .Where(node => !node.Path.Contains(".selector.match", StringComparison.Ordinal))
            .Where(node => !node.Rules.Any(rule => rule.Rule.Contains("matches(", StringComparison.Ordinal)
                || rule.Rule.Contains("isCIDR(", StringComparison.Ordinal)
                || rule.Rule.Contains("isURL(", StringComparison.Ordinal)))
            .Select(node => node.Path);

        AssertNone(wordless);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Rule_Any_SaysInWordsWhatIsExpected(string kind)
    {
        // Mutant: a message that repeats the regular expression.
        IEnumerable<string> cryptic = CustomResourceDefinition.OfKind(kind).Schema.All()
            .SelectMany(node => node.Rules.Select(rule => (node.Path, rule.Message)))
            .Where(rule => rule.Message.Length < 20
                || rule.Message.Contains("[a-z", StringComparison.Ordinal)
                || rule.Message.Contains('^', StringComparison.Ordinal))
            .Select(rule => rule.Path);

        AssertNone(cryptic);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Columns_OfThePlainTable_ShowTheReasonBesideReady(string kind)
    {
        // Mutant: the reason with priority 1. Ready=False alone tells nobody where to look.
        string[] plain =
        [
            .. CustomResourceDefinition.OfKind(kind).Version["additionalPrinterColumns"]!.AsArray()
                .Where(column => column!["priority"] is null).Select(column => (string)column!["name"]!),
        ];

        Assert.Equal("Reason", plain[Array.IndexOf(plain, "Ready") + 1]);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Crd_Any_HasStatusCategoryAndShortName(string kind)
    {
        CustomResourceDefinition crd = CustomResourceDefinition.OfKind(kind);
        JsonNode names = crd.Document["spec"]!["names"]!;

        Assert.Equal("mail", (string)names["categories"]!.AsArray().Single()!);
        Assert.Equal(crd.Kind, (string)names["singular"]!, ignoreCase: true);
        Assert.Single(names["shortNames"]!.AsArray());
        Assert.NotNull(crd.Version["subresources"]!["status"]);
    }

    private static void AssertNone(IEnumerable<string> paths)
    {
        string found = string.Join(", ", paths);
        Assert.True(found.Length == 0, found);
    }

    private static bool IsOneOfAChoice(string path) =>
        path.StartsWith("spec.passwdFile.path", StringComparison.Ordinal)
        || path.StartsWith("spec.grants[].namespaces", StringComparison.Ordinal);

    private static IEnumerable<SchemaNode> Fields(string kind) =>
        CustomResourceDefinition.OfKind(kind).Schema.All().SelectMany(node => node.Properties);
}
