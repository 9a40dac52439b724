namespace MailOperator.MailDevices.Planning;

/// <summary>What a slot is to its device.</summary>
internal enum SlotPhase
{
    /// <summary>Its password is the one in the Secret.</summary>
    Current,

    /// <summary>It goes on working until its overlap ends.</summary>
    Retiring,

    /// <summary>No Secret names it, and it is too young to judge.</summary>
    Uncommitted,

    /// <summary>Its time is over.</summary>
    Ended,
}
