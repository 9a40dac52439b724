namespace MailOperator.Backends.Infomaniak;

internal sealed record ApiError
{
    public string? Code { get; init; }
}
