using System.Text;
using System.Text.Json.Nodes;
using MailOperator.Tests;

namespace MailOperator.UnitTests.Crds;

/// <summary>Renders a CRD as a page of <c>docs/reference</c>.</summary>
internal static class ReferencePage
{
    public static string Render(CustomResourceDefinition crd)
    {
        var page = new StringBuilder();
        string scope = crd.IsNamespaced ? "namespaced" : "cluster-scoped";
        page.Append($"""
            <!-- Made from crds/{crd.Plural}.yaml. Change that file, then run the unit tests with UPDATE_DOCS=1. -->
            # {crd.Kind}

            `{crd.Group}/{crd.VersionName}`, {scope}, short name `{crd.ShortName}`, category `mail`.

            {OneLine(crd.Schema.Description)}

            """.ReplaceLineEndings("\n"));

        foreach (SchemaNode part in new[] { crd.Schema.Property("spec")!, crd.Schema.Property("status")! })
        {
            page.Append(
                $"\n## {part.Name}\n\n{OneLine(part.Description)}\n\n| field | type | meaning |\n|---|---|---|\n");
            AppendFields(part, page);
            AppendRefusals(crd.Schema, part, page);
        }

        AppendColumns(crd, page);
        return page.ToString();
    }

    private static void AppendFields(SchemaNode parent, StringBuilder page)
    {
        foreach (SchemaNode field in parent.Properties)
        {
            string required = parent.Required.Contains(field.Name) ? " **Required.**" : "";
            page.Append($"| `{Relative(field.Path)}` | {TypeOf(field)} | {OneLine(field.Description)}{required} |\n");
            AppendFields(field, page);
            if (field.Items is { } items)
            {
                AppendFields(items, page);
            }
        }
    }

    private static void AppendRefusals(SchemaNode root, SchemaNode part, StringBuilder page)
    {
        (string Path, string Message)[] refusals =
        [
            // A rule of the whole object compares spec and status.
            .. root.Rules.Where(rule => rule.FieldPath!.StartsWith($".{part.Path}.", StringComparison.Ordinal))
                .Select(rule => (Relative(rule.FieldPath![1..]), rule.Message)),
            .. part.All().SelectMany(
                node => node.Rules.Select(rule => (Relative(node.Path + rule.FieldPath), rule.Message))),
        ];
        if (refusals.Length == 0)
        {
            return;
        }

        page.Append(
            "\nBesides types, lengths and patterns, the API server checks these rules and refuses a "
            + "violation with:\n\n");
        foreach ((string path, string message) in refusals)
        {
            page.Append($"- {(path.Length == 0 ? "" : $"`{path}`: ")}{message}\n");
        }
    }

    private static void AppendColumns(CustomResourceDefinition crd, StringBuilder page)
    {
        page.Append($"\n## Columns of `kubectl get {crd.ShortName}`\n\n| column | shows | from |\n|---|---|---|\n");
        foreach (JsonNode? column in crd.Version["additionalPrinterColumns"]!.AsArray())
        {
            string wide = column!["priority"] is null ? "" : " Only with `-o wide`.";
            string name = ((string)column["name"]!).ToUpperInvariant();
            page.Append($"| {name} | {(string)column["description"]!}{wide} | `{(string)column["jsonPath"]!}` |\n");
        }

        string[] selectable =
            [.. (crd.Version["selectableFields"]?.AsArray() ?? []).Select(field => (string)field!["jsonPath"]!)];
        foreach (string path in selectable)
        {
            page.Append(
                $"\nFrom Kubernetes 1.31 on, `--field-selector {path[1..]}=…` lists only objects with that value.\n");
        }
    }

    private static string TypeOf(SchemaNode field) => field switch
    {
        { Enum: { Count: > 0 } values } => string.Join(", ", values.Select(value => $"`{value}`")),
        { Format: "date-time" } => "time",
        { Values: not null } => "map of text",
        { Items: { } items } => $"{(field.ListType == "set" ? "set" : "list")} of {ItemTypeOf(items)}",
        { Type: "string" } => "text",
        _ => field.Type!,
    };

    private static string ItemTypeOf(SchemaNode items) =>
        items.Enum.Count > 0 ? TypeOf(items) : items.Type == "string" ? "text" : "objects";

    /// <summary>The path below <c>spec</c> or <c>status</c>.</summary>
    private static string Relative(string path) => path.IndexOf('.') is var dot and >= 0 ? path[(dot + 1)..] : "";

    private static string OneLine(string? text) =>
        (text ?? "").ReplaceLineEndings(" ").Trim().Replace("|", "\\|", StringComparison.Ordinal).Replace(
            "*", "\\*", StringComparison.Ordinal);
}
