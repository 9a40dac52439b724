namespace MailOperator.Backends.Webhook;

internal sealed record WebhookSlots
{
    public required WebhookSlot?[] Slots { get; init; }
}
