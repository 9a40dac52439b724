namespace MailOperator.MailDevices;

/// <summary>Settings of the devices' reconciler.</summary>
internal sealed class MailDeviceOptions
{
    /// <summary>
    /// A slot that no Secret names is removed at this age. It must be longer than two reconciles may take: until then
    /// another operator may still be about to commit it.
    /// </summary>
    public TimeSpan UncommittedSlotGrace { get; set; } = TimeSpan.FromMinutes(2);
}
