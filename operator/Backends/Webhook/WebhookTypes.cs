using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using MailOperator.Kubernetes;

namespace MailOperator.Backends.Webhook;

/// <summary>The contract of the webhook as JSON.</summary>
[JsonSerializable(typeof(WebhookOffer))]
[JsonSerializable(typeof(WebhookPage))]
[JsonSerializable(typeof(WebhookProblem))]
[JsonSerializable(typeof(WebhookSlots))]
internal sealed partial class WebhookTypes : JsonSerializerContext
{
    [ModuleInitializer]
    internal static void Register() => ApiJson.Add(Default);
}
