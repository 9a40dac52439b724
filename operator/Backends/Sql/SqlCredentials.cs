namespace MailOperator.Backends.Sql;

/// <summary>Who the operator is at the database.</summary>
/// <param name="Username">Name of its role.</param>
/// <param name="Secret">The role's password.</param>
internal sealed record SqlCredentials(string Username, string Secret)
{
    /// <summary>A record would print both.</summary>
    public override string ToString() => Username;
}
