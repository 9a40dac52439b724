using MailOperator.MailDevices.Secrets;
using MailOperator.MailServers;

namespace MailOperator.MailDevices.Verification;

/// <summary>The answer of the mail server to a login with a password that has ended.</summary>
internal sealed record EndedLogin(SealedPassword Password, LoginAnswer Answer);
