using MailOperator.Api;

namespace MailOperator.Reporting;

/// <summary>Builds conditions. <see cref="StatusConditions.Stamp"/> adds the generation and the time.</summary>
internal static class Conditions
{
    public static Condition True(string type, string reason, string message) =>
        Of(type, ReadyStatus.True, reason, message);

    public static Condition False(string type, string reason, string message) =>
        Of(type, ReadyStatus.False, reason, message);

    public static Condition Unknown(string type, string reason, string message) =>
        Of(type, ReadyStatus.Unknown, reason, message);

    public static Condition Of(string type, ReadyStatus status, string reason, string message) =>
        new() { Type = type, Status = status.ToString(), Reason = reason, Message = message };
}
