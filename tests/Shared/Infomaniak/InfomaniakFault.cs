namespace MailOperator.Tests.Infomaniak;

/// <summary>A fault of one request. Codes that are not in the description are made up.</summary>
internal sealed record InfomaniakFault
{
    /// <summary>The request is lost.</summary>
    public static readonly InfomaniakFault LosesRequest = new() { HangsUp = true };

    /// <summary>The request is executed, but the connection ends before the answer.</summary>
    public static readonly InfomaniakFault LosesAnswer = new() { HangsUp = true, IsApplied = true };

    /// <summary>The request is executed, but not answered until the client gives up.</summary>
    public static readonly InfomaniakFault Stalls = new() { IsStalled = true, IsApplied = true };

    /// <summary>The answer for accounts without the feature.</summary>
    public static readonly InfomaniakFault NotEligible = Answers(501, "method_not_yet_implemented");

    /// <summary>Accepted for later execution, which the description does not mention.</summary>
    public static readonly InfomaniakFault Asynchronous = new() { Status = 200, Result = "asynchronous" };

    /// <summary>Whether the request is executed before the fault.</summary>
    public bool IsApplied { get; init; }

    public bool HangsUp { get; init; }

    public bool IsStalled { get; init; }

    /// <summary>Null for the status without the fault.</summary>
    public int? Status { get; init; }

    public string Result { get; init; } = "error";

    public string? Code { get; init; }

    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The whole answer, instead of an envelope.</summary>
    public string? Body { get; init; }

    public static InfomaniakFault Answers(int status, string code) => new() { Status = status, Code = code };

    public static InfomaniakFault TooMany(TimeSpan? retryAfter = null) =>
        new() { Status = 429, Code = "too_many_requests", RetryAfter = retryAfter };

    /// <summary>An error with the status code of a success.</summary>
    public static InfomaniakFault ErrorIn200(string code) => new() { Status = 200, Code = code };

    /// <summary>An answer without an envelope, with the status code of a success.</summary>
    public static InfomaniakFault Garbage(string body) => new() { Status = 200, Body = body };
}
