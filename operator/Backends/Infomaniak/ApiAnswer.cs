using System.Text.Json.Serialization;

namespace MailOperator.Backends.Infomaniak;

/// <summary>The envelope of every answer of the API.</summary>
internal sealed record ApiAnswer<T>
{
    private const string Success = "success";

    public string? Result { get; init; }

    public T? Data { get; init; }

    public ApiError? Error { get; init; }

    /// <summary>Number of elements on all pages.</summary>
    public int? Total { get; init; }

    /// <summary>Number of pages.</summary>
    public int? Pages { get; init; }

    /// <summary>Its size in bytes.</summary>
    [JsonIgnore]
    public int Length { get; init; }

    /// <summary>False if it failed or continues in the background.</summary>
    [JsonIgnore]
    public bool IsSuccess => Result == Success;
}
