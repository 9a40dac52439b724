using System.Text.Json.Serialization;

namespace MailOperator.Backends.Infomaniak;

/// <summary>What every answer of the API is wrapped in.</summary>
internal sealed record ApiAnswer<T>
{
    private const string Success = "success";

    public string? Result { get; init; }

    public T? Data { get; init; }

    public ApiError? Error { get; init; }

    /// <summary>Elements on all pages.</summary>
    public int? Total { get; init; }

    /// <summary>Number of pages.</summary>
    public int? Pages { get; init; }

    /// <summary>Otherwise it failed, or goes on in the background.</summary>
    [JsonIgnore]
    public bool IsSuccess => Result == Success;
}
