using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MailOperator.Kubernetes;

/// <summary>A Lease. What others wrote into it, such as labels, stays when it is written back.</summary>
internal sealed class Lease
{
    private const string MicroTime = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'"; // metav1.MicroTime

    private readonly JsonObject _lease;

    private Lease(JsonObject lease) => _lease = lease;

    /// <summary>A Lease that does not exist yet.</summary>
    public static Lease New(ObjectKey key) => new(new JsonObject
    {
        ["apiVersion"] = ResourceType.Leases.ApiVersion,
        ["kind"] = ResourceType.Leases.Kind,
        ["metadata"] = new JsonObject { ["name"] = key.Name, ["namespace"] = key.Namespace },
    });

    /// <exception cref="JsonException">It is no Lease.</exception>
    public static Lease Parse(byte[] json) =>
        new(JsonNode.Parse(json) as JsonObject ?? throw new JsonException("a Lease is an object"));

    /// <summary>"" if there is none.</summary>
    public string ResourceVersion => Text(_lease["metadata"]?["resourceVersion"]) ?? "";

    /// <summary>Null or "" if nobody holds it.</summary>
    public string? Holder => Text(Spec?["holderIdentity"]);

    /// <summary>Zero if it does not say.</summary>
    public TimeSpan Duration => TimeSpan.FromSeconds(Number(Spec?["leaseDurationSeconds"]));

    private JsonNode? Spec => _lease["spec"];

    /// <summary>Renews it for its holder, or hands it over to another.</summary>
    public void Take(string identity, TimeSpan duration, DateTimeOffset now)
    {
        string time = now.UtcDateTime.ToString(MicroTime, CultureInfo.InvariantCulture);
        bool isRenewal = Holder == identity;
        // A new Lease has had no transition.
        int transitions = Spec is null ? 0 : Number(Spec["leaseTransitions"]) + (isRenewal ? 0 : 1);
        string acquired = isRenewal && Text(Spec?["acquireTime"]) is { } since ? since : time;
        _lease["spec"] = new JsonObject
        {
            ["holderIdentity"] = identity,
            ["leaseDurationSeconds"] = (int)Math.Ceiling(duration.TotalSeconds),
            ["acquireTime"] = acquired,
            ["renewTime"] = time,
            ["leaseTransitions"] = transitions,
        };
    }

    /// <summary>Lets anybody take it at once.</summary>
    public void Release()
    {
        _lease["spec"]!["holderIdentity"] = "";
        _lease["spec"]!["leaseDurationSeconds"] = 1; // the API server allows no 0
    }

    public byte[] ToBytes() => ApiJson.Write(json => _lease.WriteTo(json));

    private static string? Text(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    private static int Number(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue(out int number) ? number : 0;
}
