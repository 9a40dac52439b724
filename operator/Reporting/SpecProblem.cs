namespace MailOperator.Reporting;

/// <summary>Why an object cannot be acted on as its spec stands.</summary>
/// <param name="Reason">One of <see cref="Api.Reasons"/>.</param>
/// <param name="Message">What is wrong, with which field, and what to do.</param>
internal sealed record SpecProblem(string Reason, string Message);
