using System.Reflection;
using System.Text.RegularExpressions;

namespace MailOperator.UnitTests.Architecture;

/// <summary>
/// References that IL does not show because the compiler inlines them: constants and enum members.
/// Every using directive counts, because an unused one does not compile (IDE0005). A constant that needs no directive
/// (of an enclosing namespace, or qualified) is found by its name.
/// </summary>
internal sealed partial class SourceReferences
{
    private readonly HashSet<string> _namespaces;
    private readonly ILookup<string, Type> _byName;

    public SourceReferences(IEnumerable<Type> types)
    {
        Type[] named = [.. types.Where(static type => CompiledReferences.Outermost(type).Namespace is not null)];
        _namespaces = [.. named.Select(static type => type.Namespace!)];
        _byName = named.ToLookup(static type => type.Name.Split('`')[0], StringComparer.Ordinal);
    }

    /// <summary>The namespaces that a file's using directives name.</summary>
    public IEnumerable<string> Imports(SourceFile file) =>
        file.Lines.Select(static line => UsingDirective().Match(line)).Where(static match => match.Success)
            .Select(match => Enclosing(match.Groups[1].Value).FirstOrDefault(_namespaces.Contains)).OfType<string>();

    /// <summary>The types of other namespaces whose constants or enum members a file names.</summary>
    public IEnumerable<Type> Constants(SourceFile file)
    {
        string[] visible = [.. Imports(file), .. Enclosing(file.Namespace ?? "").Skip(1)];
        return file.Lines.Where(static line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal))
            .SelectMany(static line => DottedName().Matches(line)).Select(static match => match.Value.Split('.'))
            .SelectMany(name => Enumerable.Range(0, name.Length - 1)
                .SelectMany(at => _byName[name[at]].Where(type => IsConstant(type, name[at + 1])
                    && IsMeant(type, string.Join('.', name[..at]), file.Namespace, visible))))
            .Select(CompiledReferences.Outermost).Where(type => type.Namespace != file.Namespace).Distinct();
    }

    private static bool IsConstant(Type type, string name) =>
        type.GetField(name, BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic) is { IsLiteral: true };

    private bool IsMeant(Type type, string qualifier, string? from, string[] visible) =>
        qualifier.Length > 0 && $".{type.Namespace}".EndsWith($".{qualifier}", StringComparison.Ordinal)
        || visible.Contains(type.Namespace)
            && !_byName[type.Name].Any(other => other.Namespace == from && !other.IsNested);

    /// <summary>The name itself, then the namespaces around it, innermost first.</summary>
    private static IEnumerable<string> Enclosing(string name)
    {
        for (; name.Length > 0; name = name[..Math.Max(0, name.LastIndexOf('.'))])
        {
            yield return name;
        }
    }

    [GeneratedRegex(@"^using (?:static )?(?:\w+ = )?([\w.]+);")]
    private static partial Regex UsingDirective();

    [GeneratedRegex(@"(?<![\w.])[A-Z]\w*(?:\.\w+)+")]
    private static partial Regex DottedName();
}
