namespace MailOperator.Reporting;

/// <summary>The summary of an object's state that becomes its condition Ready.</summary>
/// <param name="Ready">The status of Ready.</param>
/// <param name="Reason">One of <see cref="Api.Reasons"/>.</param>
/// <param name="Message">What the state is, and what to do.</param>
internal record Verdict(ReadyStatus Ready, string Reason, string Message)
{
    /// <summary>Nothing changes until a person acts (kstatus "Stalled").</summary>
    public bool IsStalled { get; init; }
}
