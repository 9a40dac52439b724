namespace MailOperator.Backends;

/// <summary>The end of a slot that is kept to record what is left to do for it.</summary>
/// <param name="At">When the store began to refuse it; whole seconds, UTC.</param>
/// <param name="EndsSessions">Whether its open sessions must end too, and not only the next login fail.</param>
internal sealed record SlotEnd(DateTimeOffset At, bool EndsSessions);
