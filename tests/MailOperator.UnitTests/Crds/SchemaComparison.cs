using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using MailOperator.Kubernetes;
using MailOperator.Tests;

namespace MailOperator.UnitTests.Crds;

/// <summary>Finds differences between the JSON of a C# type and a schema.</summary>
internal static class SchemaComparison
{
    /// <summary>Fields of every object, which the base class of the kinds reads.</summary>
    private static readonly string[] ObjectFields = ["apiVersion", "kind", "metadata"];

    /// <summary>Strings in C#, because their values are constants.</summary>
    private static readonly string[] EnumsHeldAsText = ["status.conditions[].status"];

    public static IReadOnlyList<string> Differences(Type type, SchemaNode schema)
    {
        var differences = new List<string>();
        CompareObject(type, schema, differences);
        return differences;
    }

    private static void CompareObject(Type type, SchemaNode schema, List<string> differences)
    {
        PropertyInfo[] properties =
        [
            .. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(property => property.DeclaringType != typeof(ApiObject)
                    && property.GetCustomAttribute<JsonIgnoreAttribute>() is null),
        ];
        Dictionary<string, PropertyInfo> byName = properties.ToDictionary(
            property => JsonNamingPolicy.CamelCase.ConvertName(property.Name), StringComparer.Ordinal);

        foreach (SchemaNode field in schema.Properties)
        {
            if (schema.Path.Length == 0 && ObjectFields.Contains(field.Name))
            {
                continue;
            }

            if (!byName.Remove(field.Name, out PropertyInfo? property))
            {
                differences.Add($"{field.Path}: in the schema, but {type.Name} has no such property");
                continue;
            }

            CompareRequired(property, field, schema.Required.Contains(field.Name), differences);
            CompareType(property.PropertyType, field, differences);
        }

        foreach ((string name, PropertyInfo property) in byName)
        {
            string path = schema.Path.Length == 0 ? name : $"{schema.Path}.{name}";
            differences.Add($"{path}: {type.Name}.{property.Name} is not in the schema");
        }

        foreach (string name in schema.Required.Where(name => schema.Property(name) is null))
        {
            differences.Add($"{schema.Path}: requires {name}, which is no property of the schema");
        }
    }

    private static void CompareRequired(
        PropertyInfo property, SchemaNode field, bool required, List<string> differences)
    {
        bool mayBeNull = new NullabilityInfoContext().Create(property).ReadState == NullabilityState.Nullable;
        if (required == mayBeNull)
        {
            differences.Add(required
                ? $"{field.Path}: required by the schema, but "
                    + $"{property.DeclaringType!.Name}.{property.Name} may be null"
                : $"{field.Path}: optional in the schema, but "
                    + $"{property.DeclaringType!.Name}.{property.Name} is never null");
        }
    }

    private static void CompareType(Type declared, SchemaNode field, List<string> differences)
    {
        Type type = Nullable.GetUnderlyingType(declared) ?? declared;
        (string expected, string? format) = JsonTypeOf(type);
        if (field.Type != expected || field.Format != format)
        {
            differences.Add(
                $"{field.Path}: {type.Name} in C# is {Describe(expected, format)}, the schema has "
                + $"{Describe(field.Type, field.Format)}");
            return;
        }

        string[] names = type.IsEnum ? Enum.GetNames(type) : [];
        if (!field.Enum.SequenceEqual(names, StringComparer.Ordinal) && !EnumsHeldAsText.Contains(field.Path))
        {
            differences.Add(
                $"{field.Path}: C# has the values [{string.Join(", ", names)}], the schema has "
                + $"[{string.Join(", ", field.Enum)}]");
        }

        if (expected == "array")
        {
            CompareElement(type.GetElementType()!, field.Items, $"{field.Path}[]", differences);
        }
        else if (IsMap(type))
        {
            CompareElement(type.GetGenericArguments()[1], field.Values, $"{field.Path}.*", differences);
        }
        else if (expected == "object")
        {
            CompareObject(type, field, differences);
        }
    }

    private static void CompareElement(Type type, SchemaNode? element, string path, List<string> differences)
    {
        if (element is null)
        {
            differences.Add($"{path}: the schema does not say what is in it");
            return;
        }

        CompareType(type, element, differences);
    }

    private static (string Type, string? Format) JsonTypeOf(Type type) => type switch
    {
        { IsEnum: true } => ("string", null),
        _ when type == typeof(byte[]) => ("string", "byte"),
        { IsArray: true } => ("array", null),
        _ when type == typeof(string) => ("string", null),
        _ when type == typeof(bool) => ("boolean", null),
        _ when type == typeof(int) => ("integer", "int32"),
        _ when type == typeof(long) => ("integer", "int64"),
        _ when type == typeof(DateTimeOffset) => ("string", "date-time"),
        { IsClass: true } => ("object", null),
        _ => throw new NotSupportedException($"{type} has no counterpart in a schema."),
    };

    private static bool IsMap(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Dictionary<,>);

    private static string Describe(string? type, string? format) => format is null ? $"{type}" : $"{type} ({format})";
}
