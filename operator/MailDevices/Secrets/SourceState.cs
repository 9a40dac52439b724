using MailOperator.Reporting;

namespace MailOperator.MailDevices.Secrets;

/// <summary>The source of a chosen password as observed. Holds no password.</summary>
/// <param name="Problem">Why it cannot be used; null if it can.</param>
/// <param name="IsInSecret">Whether the device's Secret has the password that the source holds now.</param>
internal sealed record SourceState(SpecProblem? Problem, bool IsInSecret);
