using System.Text;

namespace MailOperator.Tests.OpenApi;

/// <summary>A request and its answer, as they went over the wire.</summary>
/// <param name="Method">In upper case.</param>
/// <param name="Path">Without the part before the contract's paths, and without the query.</param>
/// <param name="Query">Name and value of each parameter, unescaped.</param>
/// <param name="Request">The request's headers and body.</param>
/// <param name="Status">Of the answer.</param>
/// <param name="Response">The answer's headers and body.</param>
internal sealed record HttpExchange(
    string Method, string Path, IReadOnlyList<KeyValuePair<string, string>> Query, HttpPart Request, int Status, HttpPart Response)
{
    public override string ToString() => $"{Method} {Path} -> {Status}";
}

/// <summary>Headers, each by its name in lower case, and a body.</summary>
internal sealed record HttpPart(IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    /// <summary>Without its parameters; null if there is none.</summary>
    public string? MediaType => Headers.TryGetValue("content-type", out string? type) ? type.Split(';')[0].Trim() : null;

    public string Text => Encoding.UTF8.GetString(Body);
}
