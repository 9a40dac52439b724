namespace MailOperator.Backends.Webhook;

internal sealed record WebhookPage
{
    public required WebhookDevice?[] Devices { get; init; }

    public string? Continue { get; init; }
}

internal sealed record WebhookDevice
{
    public required string DeviceUid { get; init; }

    public required WebhookSlot?[] Slots { get; init; }
}
