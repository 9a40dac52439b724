namespace MailOperator.Tests.Infomaniak;

/// <summary>What goes wrong with one request. Codes that the description does not name are made up.</summary>
internal sealed record InfomaniakFault
{
    /// <summary>It never arrives.</summary>
    public static readonly InfomaniakFault LosesRequest = new() { HangsUp = true };

    /// <summary>It is carried out, and the connection ends before the answer.</summary>
    public static readonly InfomaniakFault LosesAnswer = new() { HangsUp = true, IsApplied = true };

    /// <summary>It is carried out, and no answer comes until the client gives up.</summary>
    public static readonly InfomaniakFault Stalls = new() { IsStalled = true, IsApplied = true };

    /// <summary>As for accounts without the feature.</summary>
    public static readonly InfomaniakFault NotEligible = Answers(501, "method_not_yet_implemented");

    /// <summary>Accepted to be done at some time, which no description says anything about.</summary>
    public static readonly InfomaniakFault Asynchronous = new() { Status = 200, Result = "asynchronous" };

    /// <summary>The request is carried out before it goes wrong.</summary>
    public bool IsApplied { get; init; }

    public bool HangsUp { get; init; }

    public bool IsStalled { get; init; }

    /// <summary>Null for the one that it would have had.</summary>
    public int? Status { get; init; }

    public string Result { get; init; } = "error";

    public string? Code { get; init; }

    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The whole answer in place of an envelope.</summary>
    public string? Body { get; init; }

    public static InfomaniakFault Answers(int status, string code) => new() { Status = status, Code = code };

    public static InfomaniakFault TooMany(TimeSpan? retryAfter = null) => new() { Status = 429, Code = "too_many_requests", RetryAfter = retryAfter };

    /// <summary>A failure under the status of a success.</summary>
    public static InfomaniakFault ErrorIn200(string code) => new() { Status = 200, Code = code };

    /// <summary>Something that is no envelope at all, under the status of a success.</summary>
    public static InfomaniakFault Garbage(string body) => new() { Status = 200, Body = body };
}
