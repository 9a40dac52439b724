using System.Text.Json;

namespace MailOperator.Kubernetes;

/// <summary>Owner references, by which the garbage collector deletes what was created for an object.</summary>
internal static class Owner
{
    public static void Write(Utf8JsonWriter json, ResourceType type, ApiObject owner)
    {
        json.WriteStartArray("ownerReferences");
        json.WriteStartObject();
        json.WriteString("apiVersion", type.ApiVersion);
        json.WriteString("kind", type.Kind);
        json.WriteString("name", owner.Metadata.Name);
        json.WriteString("uid", owner.Metadata.Uid);
        json.WriteBoolean("controller", true);
        json.WriteEndObject();
        json.WriteEndArray();
    }

    public static bool IsOf(ApiObject owned, string uid) =>
        owned.Metadata.OwnerReferences?.Any(owner => owner.Uid == uid) ?? false;
}
