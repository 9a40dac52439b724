namespace MailOperator.Reporting;

/// <summary>The status of a condition. The names of the members are what the API server stores.</summary>
internal enum ReadyStatus
{
    Unknown,
    True,
    False,
}
