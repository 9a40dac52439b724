namespace MailOperator.Backends.Sql;

/// <summary>The operator's credentials at the database.</summary>
/// <param name="Username">Name of the operator's role.</param>
/// <param name="Secret">The role's password.</param>
internal sealed record SqlCredentials(string Username, string Secret)
{
    /// <summary>A record would print both.</summary>
    public override string ToString() => Username;
}
