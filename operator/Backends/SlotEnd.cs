namespace MailOperator.Backends;

/// <summary>The end of a slot that is still there as a note of what is left to do for it.</summary>
/// <param name="At">Since when the store of credentials refuses it; whole seconds, UTC.</param>
/// <param name="EndsSessions">Whether sessions that it opened end too, and not only the next login.</param>
internal sealed record SlotEnd(DateTimeOffset At, bool EndsSessions);
