namespace MailOperator.Backends;

/// <summary>What a mail system reports about the use of a password.</summary>
internal enum SlotAlarm
{
    /// <summary>It was found in a leak.</summary>
    Leaked,

    /// <summary>It was used to send spam.</summary>
    SendsSpam,
}
