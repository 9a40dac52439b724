using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Backends.Sql;

namespace MailOperator.UnitTests.Fuzzing;

/// <summary>A database without rows that keeps what it is told: the texts of statements and their parameters.</summary>
internal sealed class RecordingDatabase
{
    public List<(string Text, Dictionary<string, object?> Parameters)> Statements { get; } = [];

    /// <summary>The engine of such a database.</summary>
    public SqlEngine Engine => new RecordingEngine(this);

    private sealed class RecordingEngine(RecordingDatabase database) : SqlEngine
    {
        public override int DefaultPort => 1;

        public override DbDataSource Connect(SqlSpec spec, SqlCredentials credentials) => new Source(database);

        public override bool IsDuplicate(DbException error) => false;

        protected override (BackendFailure Failure, string What) Judge(Exception error) => Unreachable(error);
    }

    private sealed class Source(RecordingDatabase database) : DbDataSource
    {
        public override string ConnectionString => "";

        protected override DbConnection CreateDbConnection() => new Connection(database);
    }

    private sealed class Connection(RecordingDatabase database) : DbConnection
    {
        [AllowNull]
        public override string ConnectionString { get; set; } = "";

        public override string Database => "";

        public override string DataSource => "";

        public override string ServerVersion => "";

        public override ConnectionState State => ConnectionState.Open;

        public override void ChangeDatabase(string databaseName) => throw new NotSupportedException();

        public override void Close()
        {
        }

        public override void Open()
        {
        }

        protected override DbTransaction BeginDbTransaction(IsolationLevel isolationLevel) =>
            new Transaction(this, isolationLevel);

        protected override DbCommand CreateDbCommand() => new Command(database);
    }

    private sealed class Transaction(DbConnection connection, IsolationLevel level) : DbTransaction
    {
        public override IsolationLevel IsolationLevel => level;

        protected override DbConnection DbConnection => connection;

        public override void Commit()
        {
        }

        public override void Rollback()
        {
        }
    }

    // The parameters are those of another library, which only stores them.
    private sealed class Command(RecordingDatabase database) : DbCommand
    {
        private readonly Npgsql.NpgsqlCommand _parameters = new();

        [AllowNull]
        public override string CommandText { get; set; } = "";

        public override int CommandTimeout { get; set; }

        public override CommandType CommandType { get; set; }

        public override bool DesignTimeVisible { get; set; }

        public override UpdateRowSource UpdatedRowSource { get; set; }

        protected override DbConnection? DbConnection { get; set; }

        protected override DbParameterCollection DbParameterCollection => _parameters.Parameters;

        protected override DbTransaction? DbTransaction { get; set; }

        public override void Cancel()
        {
        }

        public override int ExecuteNonQuery()
        {
            database.Statements.Add((CommandText, Parameters.Cast<DbParameter>().ToDictionary(
                static one => one.ParameterName, static one => one.Value is DBNull ? null : one.Value)));
            return 1;
        }

        public override object? ExecuteScalar()
        {
            ExecuteNonQuery();
            return SqlBackend.SchemaVersion;
        }

        public override void Prepare()
        {
        }

        protected override DbParameter CreateDbParameter() => _parameters.CreateParameter();

        protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior)
        {
            ExecuteNonQuery();
            return new DataTable().CreateDataReader();
        }

        protected override void Dispose(bool disposing)
        {
            _parameters.Dispose();
            base.Dispose(disposing);
        }
    }
}
