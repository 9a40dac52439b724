namespace MailOperator.Reporting;

/// <summary>The status of the condition Ready.</summary>
internal enum ReadyStatus
{
    Unknown,
    True,
    False,
}
