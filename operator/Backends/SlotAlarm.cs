namespace MailOperator.Backends;

/// <summary>What a mail system says is wrong with the use of a password.</summary>
internal enum SlotAlarm
{
    /// <summary>It was found where it should not be.</summary>
    Leaked,

    /// <summary>Unwanted mail was sent with it.</summary>
    SendsSpam,
}
