namespace MailOperator.MailDevices.Secrets;

/// <summary>An earlier credential that stays valid until <see cref="At"/>.</summary>
/// <param name="Selector">Selector of its slot.</param>
/// <param name="At">When it ends; whole seconds, UTC.</param>
internal sealed record RetiringCredential(string Selector, DateTimeOffset At)
{
    /// <summary>The maximum number at a time. More of them end early, the oldest first.</summary>
    public const int Max = 8;
}
