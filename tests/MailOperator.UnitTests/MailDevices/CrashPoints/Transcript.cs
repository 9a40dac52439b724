using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;

namespace MailOperator.UnitTests.MailDevices.CrashPoints;

/// <summary>
/// Everything that leaves the operator except the data of Secrets: requests, log lines at every level, exceptions,
/// slots of the backend. It must contain no password.
/// </summary>
internal sealed class Transcript
{
    private readonly StringBuilder _text = new();
    private readonly List<(string Name, string Value)> _values = [];

    public void Add(string text) => _text.AppendLine(text);

    public void AddRequest(string path, string body)
    {
        _text.AppendLine(path);
        if (path.Contains("/secrets", StringComparison.Ordinal) && body.Length > 0)
        {
            JsonObject secret = JsonNode.Parse(body)!.AsObject();
            secret.Remove("data");
            body = secret.ToJsonString();
        }

        _text.AppendLine(body);
    }

    /// <summary>A value of a log line, under its name.</summary>
    public void AddLogged(string name, object? value)
    {
        Add($"{name}={value}");
        _values.Add((name, $"{value}"));
    }

    /// <summary>Values that were logged under a name.</summary>
    public IReadOnlySet<string> Logged(string name) =>
        _values.Where(value => value.Name == name).Select(static value => value.Value).ToHashSet();

    public ILogger<T> Logger<T>() => new TranscriptLogger<T>(this);

    /// <summary>
    /// Finds passwords in clear or in Base64. A password begins with its selector, and a selector alone may be
    /// logged, so this looks for selectors with more characters behind them. It also finds passwords that never were
    /// in a Secret.
    /// </summary>
    public IEnumerable<string> PasswordsAmong(IEnumerable<string> selectors)
    {
        string text = _text.ToString();
        return selectors
            .SelectMany(
                static selector => new[] { selector, Convert.ToBase64String(Encoding.ASCII.GetBytes(selector)) })
            .SelectMany(start => PlacesOf(start, text))
            .Select(place =>
                $"a password is readable: …{text[Math.Max(0, place - 60)..Math.Min(text.Length, place + 20)]}…");
    }

    /// <summary>Whether a text is anywhere, in clear or (as far as it fills whole groups) in Base64.</summary>
    public bool Holds(string text) =>
        _text.ToString() is var all
        && (all.Contains(text, StringComparison.Ordinal)
            || all.Contains(Convert.ToBase64String(Encoding.ASCII.GetBytes(text)), StringComparison.Ordinal));

    private static IEnumerable<int> PlacesOf(string start, string text)
    {
        for (int at = text.IndexOf(start, StringComparison.Ordinal); at >= 0; at = text.IndexOf(
            start, at + 1, StringComparison.Ordinal))
        {
            if (at + start.Length < text.Length && char.IsAsciiLetterOrDigit(text[at + start.Length]))
            {
                yield return at;
            }
        }
    }
}
