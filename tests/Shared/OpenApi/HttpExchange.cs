using System.Text;

namespace MailOperator.Tests.OpenApi;

/// <summary>A request and its response.</summary>
/// <param name="Method">The method in upper case.</param>
/// <param name="Path">The path without the base URL of the contract and without the query.</param>
/// <param name="Query">Name and value of each parameter, unescaped.</param>
/// <param name="Request">The request's headers and body.</param>
/// <param name="Status">The status code.</param>
/// <param name="Response">The response's headers and body.</param>
internal sealed record HttpExchange(
    string Method,
    string Path,
    IReadOnlyList<KeyValuePair<string, string>> Query,
    HttpPart Request,
    int Status,
    HttpPart Response)
{
    public override string ToString() => $"{Method} {Path} -> {Status}";
}

/// <summary>Headers, each by its name in lower case, and a body.</summary>
internal sealed record HttpPart(IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    /// <summary>The media type without its parameters; null if there is none.</summary>
    public string? MediaType =>
        Headers.TryGetValue("content-type", out string? type) ? type.Split(';')[0].Trim() : null;

    public string Text => Encoding.UTF8.GetString(Body);
}
