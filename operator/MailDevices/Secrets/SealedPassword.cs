using MailOperator.Integrity;

namespace MailOperator.MailDevices.Secrets;

/// <summary>A password that is not handed out any more, kept until the mail server was seen to refuse it.</summary>
/// <param name="Selector">Of the slot that it had.</param>
/// <param name="EndsAt">When it ends, or ended; whole seconds, UTC.</param>
/// <param name="Box">What <see cref="PasswordSeal"/> made of it.</param>
internal sealed record SealedPassword(string Selector, DateTimeOffset EndsAt, string Box);
