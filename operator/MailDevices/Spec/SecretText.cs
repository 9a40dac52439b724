using System.Globalization;
using System.Text;
using MailOperator.MailServers;
using MailOperator.SecretTemplates;

namespace MailOperator.MailDevices.Spec;

/// <summary>The values in a device's Secret.</summary>
internal static class SecretText
{
    /// <summary>The values that are not secret, by key: all but the password and the URI.</summary>
    public static Dictionary<string, string> Settings(DesiredSecret secret)
    {
        ClientEndpoint primary = secret.Endpoints[0];
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["type"] = primary.KeyName,
            ["provider"] = secret.Provider,
            ["host"] = primary.Host,
            ["port"] = primary.Port.ToString(CultureInfo.InvariantCulture),
            ["username"] = secret.Username,
        };
        foreach (ClientEndpoint endpoint in secret.Endpoints)
        {
            settings[$"{endpoint.KeyName}-host"] = endpoint.Host;
            settings[$"{endpoint.KeyName}-port"] = endpoint.Port.ToString(CultureInfo.InvariantCulture);
            settings[$"{endpoint.KeyName}-security"] = endpoint.Security.ToString();
        }

        return settings;
    }

    /// <summary>
    /// Renders a template. The password becomes a string, which cannot be wiped, only if the template uses it.
    /// </summary>
    public static byte[] Render(
        SecretTemplate template,
        DesiredSecret secret,
        ReadOnlySpan<byte> password,
        int maxLength = SecretTemplate.MaxTextLength)
    {
        Dictionary<string, string> variables = Settings(secret).ToDictionary(
            static setting => SecretKeys.Variable(setting.Key), static setting => setting.Value);
        if (template.Uses(SecretKeys.Password))
        {
            variables[SecretKeys.Password] = Encoding.UTF8.GetString(password);
        }

        if (template.Uses(SecretKeys.Uri))
        {
            byte[] uri = Uri(secret, password);
            variables[SecretKeys.Uri] = Encoding.UTF8.GetString(uri);
            Array.Clear(uri);
        }

        return template.Render(variables, maxLength);
    }

    /// <exception cref="TextTooLongException">A template gives too long a text for this password.</exception>
    public static void ThrowIfTooLong(DesiredSecret secret, ReadOnlySpan<byte> password)
    {
        foreach (SecretTemplate template in secret.Data.Values)
        {
            Array.Clear(Render(template, secret, password));
        }
    }

    public static byte[] Uri(DesiredSecret secret, ReadOnlySpan<byte> password)
    {
        ClientEndpoint primary = secret.Endpoints[0];
        string host = primary.Host.Contains(':', StringComparison.Ordinal) ? $"[{primary.Host}]" : primary.Host;
        var uri = new List<byte>(256);
        uri.AddRange(Encoding.UTF8.GetBytes($"{primary.Scheme}://{System.Uri.EscapeDataString(secret.Username)}:"));
        AppendEscaped(uri, password);
        uri.AddRange(Encoding.UTF8.GetBytes($"@{host}:{primary.Port.ToString(CultureInfo.InvariantCulture)}"));
        return [.. uri];
    }

    private static void AppendEscaped(List<byte> uri, ReadOnlySpan<byte> text)
    {
        foreach (byte character in text)
        {
            if (char.IsAsciiLetterOrDigit((char)character)
                || character is (byte)'-' or (byte)'.' or (byte)'_' or (byte)'~')
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
