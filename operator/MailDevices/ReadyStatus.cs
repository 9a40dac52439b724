namespace MailOperator.MailDevices;

/// <summary>The status of the condition Ready.</summary>
internal enum ReadyStatus
{
    Unknown,
    True,
    False,
}
