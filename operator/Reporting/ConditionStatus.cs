using System.Diagnostics.CodeAnalysis;
using MailOperator.Api;

namespace MailOperator.Reporting;

/// <summary>Compares the status of a condition. A condition that is missing is neither true nor false.</summary>
internal static class ConditionStatus
{
    public static bool IsTrue([NotNullWhen(true)] this Condition? condition) =>
        condition?.Status == nameof(ReadyStatus.True);

    public static bool IsFalse([NotNullWhen(true)] this Condition? condition) =>
        condition?.Status == nameof(ReadyStatus.False);
}
