namespace MailOperator.Backends.Infomaniak;

/// <summary>A device, which may have access to several mailboxes.</summary>
internal sealed record ApiDevice
{
    public required long Id { get; init; }

    public required string Label { get; init; }

    public required string Type { get; init; }

    /// <summary>Null if the API does not return it.</summary>
    public int? CountAccesses { get; init; }
}
