using MailOperator.MailDevices.Secrets;
using MailOperator.MailServers;

namespace MailOperator.MailDevices.Verification;

/// <summary>What the mail server said to a password that has ended.</summary>
internal sealed record EndedLogin(SealedPassword Password, LoginAnswer Answer);
