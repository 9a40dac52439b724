using MailOperator.IntegrationTests.Bed;

namespace MailOperator.IntegrationTests.Servers;

public sealed class PostgreSqlTests : SqlTests
{
    protected override string Engine => "postgresql";
}

public sealed class MariaDbTests : SqlTests
{
    protected override string Engine => "mariadb";
}

/// <summary>Passwords in the table of <c>operator/Backends/Sql/Schema</c>.</summary>
public abstract class SqlTests : LookupServerTests
{
    protected override string Choice => "chose'\\n \"with\" all that\\must be 'escaped";

    protected override string NextChoice => "another choice; -- of the same person";

    // The first six characters end in a quote, a backslash, half of an escape sequence, and half of a letter.
    protected override IReadOnlyList<string> AwkwardPasswords { get; } =
        [
            "abcde'xyz", "abcd''xyz", "a'b'c'd'", "'OR''='", "abcde\\xyz", "abcd\\'xyz", "\\\\\\\\\\\\", "\\'\\'\\'\\'",
            "abcde\u20acxyz", "abcde\"xyz", "$s$%6w$$", "%s%u%w",
        ];

    protected override IReadOnlyList<string> AwkwardNames(string name) => [];

    internal override async Task<ILookupServer> ServerAsync() => await DatabaseServer.GetAsync(Engine);
}
