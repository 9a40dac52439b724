namespace MailOperator.Backends.Webhook;

internal sealed record WebhookOffer
{
    public required int Version { get; init; }

    public required string[] Capabilities { get; init; }
}
