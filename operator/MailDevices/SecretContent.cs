using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using MailOperator.Api;
using MailOperator.Kubernetes;
using MailOperator.Passwords;
using MailOperator.SecretTemplates;

namespace MailOperator.MailDevices;

/// <summary>
/// What is in a device's Secret: Service Binding's names first. Exactly one change of <c>data</c> per rotation: all
/// bookkeeping is in annotations.
/// </summary>
internal static class SecretContent
{
    public const string PasswordKey = "password";
    public const string UriKey = "uri";

    /// <summary>In place of those two where a person holds the password: its bcrypt hash.</summary>
    public const string HashKey = "hash";

    /// <summary>Every data key that the operator may ever write; others in the Secret are not its business.</summary>
    public static readonly ImmutableArray<string> DataKeys =
    [
        "type", "provider", "host", "port", "username", PasswordKey, UriKey,
        "imap-host", "imap-port", "imap-security",
        "pop3-host", "pop3-port", "pop3-security",
        "smtp-host", "smtp-port", "smtp-security",
    ];

    /// <summary>The data that is not secret, by key; the rest is the password and the URI that holds it.</summary>
    public static Dictionary<string, string> Settings(DesiredCredential desired)
    {
        ClientEndpoint primary = desired.Endpoints[0];
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["type"] = primary.KeyName,
            ["provider"] = desired.BackendName,
            ["host"] = primary.Host,
            ["port"] = primary.Port.ToString(CultureInfo.InvariantCulture),
            ["username"] = desired.Username,
        };
        foreach (ClientEndpoint endpoint in desired.Endpoints)
        {
            settings[$"{endpoint.KeyName}-host"] = endpoint.Host;
            settings[$"{endpoint.KeyName}-port"] = endpoint.Port.ToString(CultureInfo.InvariantCulture);
            settings[$"{endpoint.KeyName}-security"] = endpoint.Security.ToString();
        }

        return settings;
    }

    /// <summary>Variables of a template: the operator's own keys, with _ for -.</summary>
    public static readonly ImmutableArray<string> TemplateVariables = [.. DataKeys.Select(Variable)];

    /// <summary>
    /// Fills a template in. The password becomes a string, which cannot be wiped, only for a template that asks for it.
    /// </summary>
    public static byte[] Render(SecretTemplate template, DesiredCredential desired, ReadOnlySpan<byte> password, int longest = SecretTemplate.MaxTextLength)
    {
        Dictionary<string, string> variables = Settings(desired).ToDictionary(static setting => Variable(setting.Key), static setting => setting.Value);
        if (template.Uses(PasswordKey))
        {
            variables[PasswordKey] = Encoding.UTF8.GetString(password);
        }

        if (template.Uses(UriKey))
        {
            byte[] uri = Uri(desired, password);
            variables[UriKey] = Encoding.UTF8.GetString(uri);
            Array.Clear(uri);
        }

        return template.Render(variables, longest);
    }

    /// <exception cref="TextTooLongException">A template gives too much for this very password.</exception>
    public static void ThrowIfTooLong(DesiredCredential desired, ReadOnlySpan<byte> password)
    {
        foreach (SecretTemplate template in desired.SecretData.Values)
        {
            Array.Clear(Render(template, desired, password));
        }
    }

    public static byte[] Uri(DesiredCredential desired, ReadOnlySpan<byte> password)
    {
        ClientEndpoint primary = desired.Endpoints[0];
        string host = primary.Host.Contains(':', StringComparison.Ordinal) ? $"[{primary.Host}]" : primary.Host;
        var uri = new List<byte>(256);
        uri.AddRange(Encoding.UTF8.GetBytes($"{primary.Scheme}://{System.Uri.EscapeDataString(desired.Username)}:"));
        AppendEscaped(uri, password);
        uri.AddRange(Encoding.UTF8.GetBytes($"@{host}:{primary.Port.ToString(CultureInfo.InvariantCulture)}"));
        return [.. uri];
    }

    /// <summary>Writes the members <c>type</c>, <c>data</c> and the metadata that the operator owns.</summary>
    public static void WriteMetadata(
        Utf8JsonWriter json, DesiredCredential desired, CredentialRecord record, string digest, IEnumerable<string> removedLabels, IEnumerable<string> removedAnnotations)
    {
        json.WriteStartObject("labels");
        json.WriteString(Annotations.ManagedByLabel, Annotations.ManagedByValue);
        WriteAll(json, desired.SecretLabels);
        WriteNulls(json, removedLabels);
        json.WriteEndObject();

        json.WriteStartObject("annotations");
        json.WriteString(Annotations.Epoch, record.Epoch.ToString(CultureInfo.InvariantCulture));
        json.WriteString(Annotations.Credential, record.Selector);
        json.WriteString(Annotations.IssuedAt, Rfc3339.Format(record.IssuedAt));
        json.WriteString(Annotations.Retiring, RetiringText(record.Retiring));
        json.WriteString(Annotations.HandledRotation, record.HandledRotation);
        json.WriteString(Annotations.HandledRotateAndRevoke, record.HandledRotateAndRevoke);
        if (record.Shape.Length > 0)
        {
            json.WriteString(Annotations.IssuedFor, record.Shape);
        }

        if (!record.ToBeRefused.IsEmpty)
        {
            json.WriteString(Annotations.ToBeRefused, ToBeRefusedText(record.ToBeRefused));
        }

        if (record.IsRestartOwed)
        {
            json.WriteString(Annotations.RestartOwed, "true");
        }

        if (record.IsHeld)
        {
            json.WriteString(Annotations.HeldByClaim, record.Claim);
        }

        json.WriteString(Annotations.Source, record.Source);
        json.WriteString(Annotations.Digest, digest);
        json.WriteString(Annotations.AppliedMetadata, Applied(desired));
        WriteAll(json, desired.SecretAnnotations);
        WriteNulls(json, removedAnnotations);
        json.WriteEndObject();
    }

    public static void WriteData(Utf8JsonWriter json, DesiredCredential desired, AppPassword password, IEnumerable<string> removedKeys)
    {
        json.WriteStartObject("data");
        foreach ((string key, string value) in Settings(desired))
        {
            json.WriteBase64String(key, Encoding.UTF8.GetBytes(value));
        }

        if (desired.IsHeld)
        {
            json.WriteBase64String(HashKey, password.Bytes);
            WriteNulls(json, removedKeys);
            json.WriteEndObject();
            return;
        }

        json.WriteBase64String(PasswordKey, password.Bytes);
        byte[] uri = Uri(desired, password.Bytes);
        json.WriteBase64String(UriKey, uri);
        Array.Clear(uri);
        foreach ((string key, SecretTemplate template) in desired.SecretData)
        {
            byte[] value = Render(template, desired, password.Bytes);
            json.WriteBase64String(key, value);
            Array.Clear(value);
        }

        WriteNulls(json, removedKeys);
        json.WriteEndObject();
    }

    public static string RetiringText(ImmutableArray<RetiringCredential> retiring) =>
        string.Join(',', retiring.Select(static credential => $"{credential.Id}={Rfc3339.Format(credential.At)}"));

    public static ImmutableArray<RetiringCredential> ParseRetiring(string? text)
    {
        var retiring = ImmutableArray.CreateBuilder<RetiringCredential>();
        foreach (string part in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && Rfc3339.Parse(part[(equals + 1)..]) is { } at)
            {
                retiring.Add(new RetiringCredential(part[..equals], at));
            }
        }

        return retiring.ToImmutable();
    }

    public static string ToBeRefusedText(ImmutableArray<SealedPassword> passwords) =>
        string.Join(',', passwords.Select(static one => $"{one.Id}={Rfc3339.Format(one.EndsAt)}={one.Box}"));

    public static ImmutableArray<SealedPassword> ParseToBeRefused(string? text) =>
    [
        .. (text ?? "").Split(',').Select(static part => part.Split('='))
            .Where(static parts => parts.Length == 3 && Rfc3339.Parse(parts[1]) is not null)
            .Select(static parts => new SealedPassword(parts[0], Rfc3339.Parse(parts[1])!.Value, parts[2])),
    ];

    /// <summary>
    /// Names of the labels, annotations and keys that the spec put there, so that they can be taken away again. The keys are
    /// left out where there are none: that is how a Secret from before there were any reads.
    /// </summary>
    public static string Applied(DesiredCredential desired) =>
        string.Join(',', desired.SecretLabels.Keys) + ";" + string.Join(',', desired.SecretAnnotations.Keys)
        + (desired.SecretData.IsEmpty ? "" : ";" + string.Join(',', desired.SecretData.Keys));

    private static string Variable(string key) => key.Replace('-', '_');

    private static void WriteAll(Utf8JsonWriter json, ImmutableSortedDictionary<string, string> values)
    {
        foreach ((string key, string value) in values)
        {
            json.WriteString(key, value);
        }
    }

    private static void WriteNulls(Utf8JsonWriter json, IEnumerable<string> names)
    {
        foreach (string name in names)
        {
            json.WriteNull(name);
        }
    }

    private static void AppendEscaped(List<byte> uri, ReadOnlySpan<byte> text)
    {
        foreach (byte character in text)
        {
            if (char.IsAsciiLetterOrDigit((char)character) || character is (byte)'-' or (byte)'.' or (byte)'_' or (byte)'~')
            {
                uri.Add(character);
            }
            else
            {
                uri.AddRange(Encoding.ASCII.GetBytes($"%{character:X2}"));
            }
        }
    }
}
