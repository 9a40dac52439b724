namespace MailOperator.MailDevices;

/// <summary>Settings of the MailDevice reconciler.</summary>
internal sealed class MailDeviceOptions
{
    /// <summary>
    /// The age at which a slot that no Secret names is removed. Must exceed the time of two reconciles: until then
    /// another operator process may be about to commit it.
    /// </summary>
    public TimeSpan UncommittedSlotGrace { get; set; } = TimeSpan.FromMinutes(2);
}
