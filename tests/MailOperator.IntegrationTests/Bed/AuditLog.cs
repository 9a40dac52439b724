using System.Text.Json;

namespace MailOperator.IntegrationTests.Bed;

/// <summary>The audit log of the API server.</summary>
internal static class AuditLog
{
    public const string OperatorUser = "system:serviceaccount:mail-operator:mail-operator";

    private static string File => Path.Combine(
        Environment.GetEnvironmentVariable("CONTROL_PLANE")
        ?? throw new InvalidOperationException(
            "CONTROL_PLANE is not set; run the tests under tests/control-plane/up.sh with AUDIT=1."),
        "audit.log");

    /// <summary>The current end of the log, to read on from.</summary>
    public static long Position => new FileInfo(File).Length;

    /// <summary>Requests of the operator, or of another account, after a position.</summary>
    public static IReadOnlyList<AuditedRequest> Requests(long since = 0, string user = OperatorUser) =>
        [.. Lines(since, user).Select(line => Parse(line, user)).OfType<AuditedRequest>()];

    private static IEnumerable<string> Lines(long since, string user)
    {
        using var stream = new FileStream(File, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        stream.Position = since;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.Contains(user, StringComparison.Ordinal) && line.EndsWith('}'))
            {
                yield return line;
            }
        }
    }

    private static AuditedRequest? Parse(string line, string user)
    {
        using var document = JsonDocument.Parse(line);
        JsonElement root = document.RootElement;
        string Text(JsonElement element, string name) =>
            element.TryGetProperty(name, out JsonElement value) ? value.GetString() ?? "" : "";

        if (Text(root.GetProperty("user"), "username") != user
            || !root.TryGetProperty("objectRef", out JsonElement about))
        {
            return null;
        }

        string subresource = Text(about, "subresource");
        return new AuditedRequest(
            Text(root, "verb"),
            Text(about, "apiGroup"),
            Text(about, "resource") + (subresource.Length == 0 ? "" : "/" + subresource),
            Text(about, "namespace"),
            Text(about, "name"),
            root.TryGetProperty("responseStatus", out JsonElement status)
            && status.TryGetProperty("code", out JsonElement code)
                ? code.GetInt32()
                : 0)
        {
            IsForbidden = root.TryGetProperty("annotations", out JsonElement notes)
                && Text(notes, "authorization.k8s.io/decision") == "forbid",
        };
    }
}

/// <summary>A request: the verb and the resource as in RBAC.</summary>
internal sealed record AuditedRequest(
    string Verb, string Group, string Resource, string Namespace, string Name, int Code)
{
    /// <summary>
    /// The account lacks the right. A webhook, a quota and a going namespace answer 403 to those who have it too.
    /// </summary>
    public required bool IsForbidden { get; init; }

    public bool IsWrite => Verb is "create" or "update" or "patch" or "delete";
}
