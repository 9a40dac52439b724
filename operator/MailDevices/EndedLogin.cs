using MailOperator.MailLogins;

namespace MailOperator.MailDevices;

/// <summary>What the mail server said to a password that has ended.</summary>
internal sealed record EndedLogin(SealedPassword Password, LoginAnswer Answer);
