using MailOperator.Api;

namespace MailOperator.MailDevices.Status;

/// <summary>What the status says of the password that ended last. Both parts are written together.</summary>
/// <param name="Condition">The condition RevocationVerified.</param>
/// <param name="About">The password that it is about; null in a status from before that field.</param>
internal sealed record RevocationReport(Condition Condition, RevocationCheck? About);
