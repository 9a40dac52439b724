using System.Collections.Immutable;
using System.Text;
using System.Text.RegularExpressions;
using MailOperator.Passwords;
using MailOperator.SecretTemplates;

namespace MailOperator.MailDevices.Spec;

/// <summary>Validates <c>spec.secret.data</c> and parses its templates.</summary>
internal static partial class SecretDataResolver
{
    public const int MaxKeys = 32;

    /// <summary>Characters that one value may have.</summary>
    public const int MaxTextLength = 16_384;

    /// <summary>Bytes that all values may have together. A Secret holds a mebibyte.</summary>
    public const int MaxBytes = 262_144;

    // Stands for the password. Filters make quotes longest: six characters in XML, three in a URL. A template that
    // depends on the characters of the password may still give more, so the real one may be four times as long.
    private static readonly byte[] StandIn = Encoding.ASCII.GetBytes(new string('"', AppPassword.MaxLength));

    public static string? Problem(Dictionary<string, string>? data)
    {
        if (data?.Count > MaxKeys)
        {
            return $"spec.secret.data holds more than {MaxKeys} keys";
        }

        foreach ((string key, string text) in data ?? [])
        {
            string? problem = !KeyShape().IsMatch(key)
                    ? "a key has 1 to 253 letters, digits or -_. and does not begin with .."
                : SecretKeys.DataKeys.Contains(key) ? "the operator writes this key itself; use another"
                : SecretTemplate.TryParse(text, SecretKeys.TemplateVariables, out _, out string? wrong) ? null
                : wrong;
            if (problem is not null)
            {
                return $"spec.secret.data['{key}'] cannot be used: {problem}";
            }
        }

        return null;
    }

    /// <summary>The templates of data that has no <see cref="Problem"/>.</summary>
    public static ImmutableSortedDictionary<string, SecretTemplate> Templates(Dictionary<string, string>? data) =>
        (data ?? []).ToImmutableSortedDictionary(
            static entry => entry.Key,
            static entry => SecretTemplate.TryParse(
                entry.Value, SecretKeys.TemplateVariables, out SecretTemplate? template, out string? problem)
                ? template
                : throw new InvalidOperationException(problem),
            StringComparer.Ordinal);

    /// <summary>Why the Secret would be too long; null if it would not. Does not need the password.</summary>
    public static string? TooLong(DesiredSecret secret)
    {
        int bytes = 0;
        foreach ((string key, SecretTemplate template) in secret.Data)
        {
            try
            {
                bytes += SecretText.Render(template, secret, StandIn, MaxTextLength).Length;
            }
            catch (TextTooLongException)
            {
                return $"spec.secret.data['{key}'] cannot be used: it comes to more than {MaxTextLength} characters";
            }
        }

        return bytes > MaxBytes ? $"spec.secret.data comes to more than {MaxBytes} bytes" : null;
    }

    [GeneratedRegex(@"\A(?!\.\.|\.\z)[-._a-zA-Z0-9]{1,253}\z", RegexOptions.CultureInvariant)]
    private static partial Regex KeyShape();
}
