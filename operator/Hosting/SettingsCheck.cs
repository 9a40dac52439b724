using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using MailOperator.Kubernetes;
using MailOperator.Portal;

namespace MailOperator.Hosting;

/// <summary>
/// Checks settings before they are bound: the binder ignores a name that it does not know, and its message for a value
/// that it cannot read names a type of .NET.
/// </summary>
internal static partial class SettingsCheck
{
    private const string Logging = "Logging:";
    private const string OtherRole = "PORTAL_"; // its prefix begins with the operator's
    private const int MaxShown = 64; // characters of a value
    private const string Formatter = "Logging:Console:FormatterName";

    private static readonly string[] Formatters = ["simple", "json", "systemd"];

    /// <exception cref="StartUpException">A setting is unknown, or its value cannot be read.</exception>
    public static void Demand<TOptions>(string prefix, string[] arguments, IConfiguration configuration)
    {
        string[] variables = [.. Environment.GetEnvironmentVariables().Keys.Cast<string>()];
        string[] problems = [.. Problems<TOptions>(prefix, arguments, variables, configuration)];
        if (problems.Length > 0)
        {
            throw new StartUpException(string.Join(' ', problems));
        }
    }

    /// <summary>All that is wrong, each a sentence that names the setting.</summary>
    public static IEnumerable<string> Problems<TOptions>(
        string prefix, string[] arguments, string[] variables, IConfiguration configuration)
    {
        Dictionary<string, Type> known = Leaves(typeof(TOptions), "").ToDictionary(StringComparer.OrdinalIgnoreCase);
        return UnknownArguments(arguments, known.Keys)
            .Concat(UnknownVariables(prefix, variables, known.Keys))
            .Concat(known.Select(setting => Unreadable(setting.Key, configuration[setting.Key], setting.Value)))
            .Concat(LoggingProblems(configuration))
            .OfType<string>();
    }

    /// <summary>The failure of an attribute as a sentence that begins with the setting, as it is written.</summary>
    public static string Sentence(string failure) => AttributeFailure.Replace(
        failure, static match => match.Groups["path"].Value.Replace('.', ':'), 1);

    /// <summary>Each setting's path, such as <c>Smtp:Port</c>, and type.</summary>
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicProperties, typeof(OperatorOptions))]
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicProperties, typeof(LeaderElectionOptions))]
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicProperties, typeof(SmtpOptions))]
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicProperties, typeof(PortalOptions))]
    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = "The types are named above.")]
    internal static IEnumerable<KeyValuePair<string, Type>> Leaves(Type options, string path) =>
        options.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(static property => property.CanWrite)
            .SelectMany(property => IsGroup(property.PropertyType)
                ? Leaves(property.PropertyType, $"{path}{property.Name}:")
                : [KeyValuePair.Create(path + property.Name, property.PropertyType)]);

    private static bool IsGroup(Type type) => type.IsClass && type.Assembly == typeof(SettingsCheck).Assembly;

    private static IEnumerable<string> UnknownArguments(string[] arguments, IReadOnlyCollection<string> known)
    {
        for (int index = 0; index < arguments.Length; index++)
        {
            string argument = arguments[index];
            int equals = argument.IndexOf('=', StringComparison.Ordinal);
            string name = (equals < 0 ? argument : argument[..equals]).TrimStart('-');
            if (!argument.StartsWith("--", StringComparison.Ordinal))
            {
                yield return $"'{Cut(argument)}' is not a setting: settings are given as --Name=value.";
            }
            else if (!IsKnown(name, known))
            {
                yield return $"There is no setting --{name}. The settings are {string.Join(", ", known)}.";
            }
            else if (equals < 0 && ++index == arguments.Length)
            {
                yield return $"--{name} needs a value, as in --{name}=value.";
            }
        }
    }

    // Kubernetes adds variables for the Services of a namespace, such as MAIL_OPERATOR_PORT, without a small letter.
    private static IEnumerable<string> UnknownVariables(
        string prefix, string[] variables, IReadOnlyCollection<string> known) =>
        variables
            .Where(variable => variable.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)
                && variable[prefix.Length..] is var name
                && name.Any(char.IsAsciiLetterLower)
                && !name.StartsWith(OtherRole, StringComparison.OrdinalIgnoreCase)
                && !IsKnown(name.Replace("__", ":", StringComparison.Ordinal), known))
            .Order(StringComparer.Ordinal)
            .Select(variable => $"There is no setting {variable}. After {prefix} comes one of "
                + string.Join(", ", known).Replace(":", "__", StringComparison.Ordinal) + ".");

    private static bool IsKnown(string name, IReadOnlyCollection<string> known) =>
        known.Contains(name, StringComparer.OrdinalIgnoreCase)
        || name.StartsWith(Logging, StringComparison.OrdinalIgnoreCase);

    private static string? Unreadable(string name, string? value, Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        string? expected = value switch
        {
            null => null,
            _ when type == typeof(int) && !int.TryParse(value, CultureInfo.InvariantCulture, out _) => "a whole number",
            _ when type == typeof(bool) && !bool.TryParse(value, out _) => "true or false",
            _ when type == typeof(TimeSpan) && !TimeSpan.TryParse(value, CultureInfo.InvariantCulture, out _) =>
                "hours:minutes:seconds, such as 00:00:30",
            _ when type == typeof(byte[]) && !Convert.TryFromBase64String(value, new byte[value.Length], out _) =>
                "encoded as base64",
            _ when type == typeof(Uri) && !Uri.TryCreate(value, UriKind.RelativeOrAbsolute, out _) => "an address",
            _ when type.IsEnum && !IsNamed(type, value) => $"one of {string.Join(", ", Enum.GetNames(type))}",
            _ => null,
        };
        return expected is null ? null : $"{name} is '{Cut(value!)}' but must be {expected}.";
    }

    private static IEnumerable<string> LoggingProblems(IConfiguration configuration)
    {
        IEnumerable<IConfigurationSection> levels = configuration.GetSection("Logging:LogLevel").GetChildren()
            .Concat(configuration.GetSection("Logging:Console:LogLevel").GetChildren());
        return levels
            .Select(static level => Unreadable(level.Path, level.Value, typeof(LogLevel)))
            .OfType<string>()
            .Concat(configuration[Formatter] is { } named
                && !Formatters.Contains(named, StringComparer.OrdinalIgnoreCase)
                ? [$"{Formatter} is '{named}' but must be one of {string.Join(", ", Formatters)}."]
                : []);
    }

    private static string Cut(string value) => value.Length > MaxShown ? $"{value[..MaxShown]}…" : value;

    private static bool IsNamed(Type type, string value) =>
        Enum.GetNames(type).Contains(value, StringComparer.OrdinalIgnoreCase);

    [GeneratedRegex(@"^\w+: (The field \w+Options\.(?<path>[\w.]+))?")]
    private static partial Regex AttributeFailure { get; }
}
