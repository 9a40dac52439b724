using System.Reflection;
using System.Text.RegularExpressions;
using MailOperator.Api;
using MailOperator.Backends.PasswdFile;
using MailOperator.Tests;

namespace MailOperator.UnitTests.Api;

/// <summary>
/// Names that live objects and mail systems hold: an operator that calls one of them otherwise does not find what an
/// earlier one wrote. The mutant: any of them is renamed.
/// </summary>
public sealed partial class StoredNamesTests
{
    [Fact]
    public async Task Names_ThatAreStored_AreThoseOfTheRecord()
    {
        string[] recorded = await File.ReadAllLinesAsync(
            Repository.Path("tests", "recorded", "stored-names.txt"), TestContext.Current.CancellationToken);

        Assert.Equal(
            recorded.Where(static line => !line.StartsWith('#')),
            Names().Select(static name => name.TrimEnd()).Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> Names() =>
    [
        .. Texts(typeof(Annotations)).Select(static text => $"annotation {text}"),
        .. Texts(typeof(Finalizers)).Select(static text => $"finalizer {text}"),
        .. Texts(typeof(PasswdFileLine)).Select(static text => $"passwd-file {text}"),
        .. Schema("Sql", "postgresql-1.sql", Column()).Select(static text => $"postgresql {text}"),
        .. Schema("Sql", "mysql-1.sql", Column()).Select(static text => $"mysql {text}"),
        .. Schema("Ldap", "openldap-1.ldif", Definition()).Select(static text => $"ldap {text}"),
    ];

    private static IEnumerable<string> Texts(Type type) =>
        type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
            .Where(static field => field is { IsLiteral: true } && field.FieldType == typeof(string))
            .Select(static field => (string)field.GetRawConstantValue()!);

    private static IEnumerable<string> Schema(string driver, string file, Regex name) =>
        name.Matches(File.ReadAllText(Repository.Path("operator", "Backends", driver, "Schema", file)))
            .Select(static match => string.Join(
                ' ', match.Groups.Values.Skip(1).Where(static one => one.Success).Select(static one => one.Value)));

    // A table, or a column of one with its type.
    [GeneratedRegex(@"(?m)^(?:CREATE TABLE (\w+)|  ([a-z_0-9]+) +([a-z]+(?:\(\d+\))?))")]
    private static partial Regex Column();

    // The object identifier of an attribute or a class, and its name.
    [GeneratedRegex(@"\( ?([\w.:]+)\s+NAME '(\w+)'")]
    private static partial Regex Definition();
}
