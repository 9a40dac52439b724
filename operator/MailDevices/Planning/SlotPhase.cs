namespace MailOperator.MailDevices.Planning;

/// <summary>What a slot is to its device.</summary>
internal enum SlotPhase
{
    /// <summary>Its password is the one in the Secret.</summary>
    Current,

    /// <summary>It works until its overlap ends.</summary>
    Retiring,

    /// <summary>No Secret names it yet; an issue may be in progress.</summary>
    Uncommitted,

    /// <summary>It is to be removed.</summary>
    Ended,
}
