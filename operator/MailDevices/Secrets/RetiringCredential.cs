namespace MailOperator.MailDevices.Secrets;

/// <summary>A credential that is no longer handed out and still works until <see cref="At"/>.</summary>
/// <param name="Selector">Of its slot.</param>
/// <param name="At">When it ends; whole seconds, UTC.</param>
internal sealed record RetiringCredential(string Selector, DateTimeOffset At)
{
    /// <summary>Earlier credentials that may go on working at a time; more of them end early, oldest first.</summary>
    public const int Max = 8;
}
