using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace MailOperator.UnitTests.Kubernetes.Hostile;

/// <summary>A request as it came in. Its verb is RBAC's word for it; its path is without the subresource.</summary>
internal sealed record ApiRequest(
    string Verb,
    string Path,
    string Subresource,
    IQueryCollection Query,
    string Accept,
    string ContentType,
    string Body)
{
    public JsonObject Json => JsonNode.Parse(Body)!.AsObject();

    public static async Task<ApiRequest> ReadAsync(HttpRequest request)
    {
        using var reader = new StreamReader(request.Body);
        string body = await reader.ReadToEndAsync();
        string path = request.Path.Value!.Trim('/');
        string subresource = path.EndsWith("/status", StringComparison.Ordinal) ? "status" : "";
        path = subresource.Length > 0 ? path[..^"/status".Length] : path;
        return new ApiRequest(
            VerbOf(request, path), path, subresource, request.Query, request.Headers.Accept.ToString(),
            request.ContentType ?? "", body);
    }

    private static string VerbOf(HttpRequest request, string path)
    {
        string[] parts = path.Split('/');
        string[] rest = parts[(parts[0] == "api" ? 2 : 3)..];
        rest = rest is ["namespaces", _, _, ..] ? rest[2..] : rest;
        bool isCollection = rest.Length == 1;
        return request.Method switch
        {
            "GET" when request.Query.ContainsKey("watch") => "watch",
            "GET" => isCollection ? "list" : "get",
            "POST" => "create",
            "PUT" => "update",
            "PATCH" => "patch",
            _ => "delete",
        };
    }
}
