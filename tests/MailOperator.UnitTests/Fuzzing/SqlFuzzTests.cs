using System.Data;
using System.Data.Common;
using System.Text;
using System.Text.RegularExpressions;
using CsCheck;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Backends.Sql;
using MailOperator.Kubernetes;
using Moq;
using MySqlConnector;
using Npgsql;

namespace MailOperator.UnitTests.Fuzzing;

/// <summary>
/// Any text in a slot or in credentials: statements have the same text whatever it is, and a connection the same
/// settings.
/// </summary>
[Trait(Fuzz.Trait, Fuzz.Kind)]
public sealed partial class SqlFuzzTests
{
    private const string Target = "sql";

    private static readonly SqlSpec Spec = new() { Host = "db", Database = "mail" };
    private static readonly HashSet<string> Texts =
        [.. Run("benign").Statements.Concat(Run("benigns").Statements).Select(static one => one.Text)];

    private static readonly Gen<byte[]> Values = ByteEdits.Of(
        Fuzz.Corpus(Target),
        "'", "\"", "`", ";", "=", "--", "/*", "*/", "\\", "\\'", "''", "$$", "$1", "@mailbox", ":mailbox", "%", "_",
        "\n",
        "\r\n", " ", ";SSL Mode=None", ";SslMode=Disable", ";Host=evil", "';Host=evil;x='", "\";Host=evil;x=\"",
        "==", "{",
        "}", "é", "\u2028", "😀");

    [Fact]
    public void Statements_OfAnySlot_HaveItInParametersOnly() => Fuzz.Run(Target, Values, static bytes =>
    {
        // Mutants: a value or a selector in the text, a parameter that is not bound, another that no text has.
        string value = Encoding.UTF8.GetString(bytes);
        RecordingDatabase database = Run(value);

        Assert.All(database.Statements, one =>
        {
            Assert.Contains(one.Text, Texts);
            Assert.Equal(
                Parameter().Matches(one.Text).Select(static name => name.Value[1..]).Order(),
                one.Parameters.Keys.Order());
        });
        (string text, Dictionary<string, object?> sent) = Assert.Single(
            database.Statements, static one => one.Text == SlotRow.Insert);
        Assert.Equal(SlotOf(value), Read(text, sent));
    });

    [Fact]
    public void Connections_OfAnyCredentials_HaveTheSettingsOfTheSpec() => Fuzz.Run(Target, Values, static bytes =>
    {
        // Mutants: puts the text of a connection together, so that a password can turn TLS off; lets a null byte in.
        string value = Encoding.UTF8.GetString(bytes);
        value = value.TrimEnd('\r', '\n'); // the line end of an editor
        if (value.Length == 0)
        {
            return; // the Secret is incomplete
        }

        if (value.Contains('\0'))
        {
            MailBackendException refusal = Assert.ThrowsAny<MailBackendException>(
                () => ConnectionsOf(new PostgreSqlEngine(), value).RefreshAsync(
                    TestContext.Current.CancellationToken).GetAwaiter().GetResult());
            MachineWords.AssertNoneIn(refusal.Message);
            return;
        }

        using DbDataSource postgreSql = new PostgreSqlEngine().Connect(Spec, new SqlCredentials(value, value));
        var settings = new NpgsqlConnectionStringBuilder(postgreSql.ConnectionString);
        Assert.Equal(("db", "mail", SslMode.Require, value),
            (settings.Host, settings.Database, settings.SslMode, settings.Username));

        using DbDataSource mySql = new MySqlEngine().Connect(Spec, new SqlCredentials(value, value));
        var others = new MySqlConnectionStringBuilder(mySql.ConnectionString);
        Assert.Equal(("db", "mail", MySqlSslMode.Required, value),
            (others.Server, others.Database, others.SslMode, others.UserID));
    });

    private static RecordingDatabase Run(string value)
    {
        var database = new RecordingDatabase();
        var backend = new SqlBackend(ConnectionsOf(database.Engine, "password"), database.Engine);
        Slot slot = SlotOf(value);
        foreach (Task done in (Task[])
            [
                backend.ListAsync(slot.Owner, default),
                backend.ListAllAsync(value, default),
                backend.CheckWritableAsync(default),
                backend.ApplyAsync(new SlotChange(slot.Owner, [slot], [value]), default),
                backend.RemoveAsync(slot.Owner, default),
            ])
        {
            Assert.True(done.IsCompletedSuccessfully, done.Exception?.ToString()); // this database does not wait
        }

        return database;
    }

    private static SqlConnections ConnectionsOf(SqlEngine engine, string password)
    {
        var secrets = new Mock<IBackendSecrets>();
        secrets.Setup(one => one.ReadAsync(It.IsAny<string>(), It.IsAny<string>(), It.IsAny<CancellationToken>()))
            .ReturnsAsync(new BackendSecret(
                new ObjectKey("a", "b"),
                new Dictionary<string, string> { ["username"] = "u", ["password"] = password }));
        return new SqlConnections(Spec, engine, secrets.Object);
    }

    private static Slot SlotOf(string value) => new()
    {
        Owner = new SlotOwner(value, value + "u"),
        Selector = value,
        IsChosen = value.Length % 2 == 0,
        Mailbox = value,
        Hash = value,
        IssuedAt = DateTimeOffset.UnixEpoch.AddSeconds(value.Length),
        NotAfter = value.Length % 3 == 0 ? DateTimeOffset.UnixEpoch : null,
        IsRetained = value.Length % 5 == 0,
        End = value.Length % 4 == 0 ? new SlotEnd(DateTimeOffset.UnixEpoch, value.Length % 8 == 0) : null,
        Restrictions = new SlotRestrictions
        {
            DeviceName = value,
            Protocols = value.Length % 2 == 0 ? [MailProtocol.IMAP, MailProtocol.SMTP] : [MailProtocol.POP3],
            AllowedNetworks = value.Length % 3 == 0 ? [] : ["10.0.0.0/8", "2001:db8::/32"],
            MaySend = value.Length % 7 != 0,
        },
    };

    // The row as a database would give it back.
    private static Slot Read(string insert, Dictionary<string, object?> sent)
    {
        string columns = insert[(insert.IndexOf('(', StringComparison.Ordinal) + 1)..insert.IndexOf(')')];
        using var table = new DataTable();
        string[] names = columns.Split(", ");
        foreach (string name in names)
        {
            table.Columns.Add(name, typeof(object));
        }

        table.Rows.Add([.. names.Select(name => sent[name])]);
        using DataTableReader row = table.CreateDataReader();
        row.Read();
        return SlotRow.Read(row);
    }

    [GeneratedRegex("@[a-z0-9_]+", RegexOptions.CultureInvariant)]
    private static partial Regex Parameter();
}
