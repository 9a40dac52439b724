using MailOperator.Reporting;

namespace MailOperator.MailDevices.Secrets;

/// <summary>The source of a chosen password as it was found. Holds no password.</summary>
/// <param name="Problem">Why it cannot be used; null if it can.</param>
/// <param name="IsInSecret">Whether the device's Secret was made from what it holds now.</param>
internal sealed record SourceState(SpecProblem? Problem, bool IsInSecret);
