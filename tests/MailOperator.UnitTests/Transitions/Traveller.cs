using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;
using MailOperator.Tests;
using MailOperator.UnitTests.MailDevices.CrashPoints;

namespace MailOperator.UnitTests.Transitions;

/// <summary>A device whose spec, user or backend changes from value to value under the product's reconciler.</summary>
internal sealed class Traveller : IDisposable
{
    private readonly World _world = new();
    private readonly SimulatedOperator _operator;
    private readonly TimeSpan _step;

    private Traveller(bool waitsForOverlaps)
    {
        _operator = new SimulatedOperator(_world, isLagging: false);
        _step = (waitsForOverlaps ? World.Overlap : TimeSpan.Zero) + TimeSpan.FromMinutes(10); // longer than any grace
    }

    public IReadOnlyList<string> Violations => _world.Oracle.Violations;

    public int PasswordsIssued => _world.Oracle.Issued;

    public bool IsReady => (string?)_world.Device!["status"]?["conditions"]?[0]?["status"] == "True";

    /// <summary>Creates a device with the value, or without it, and waits until it is at rest.</summary>
    public static async Task<Traveller> StartAsync(
        FieldTransition field, JsonNode? value, bool waitsForOverlaps = false)
    {
        var traveller = new Traveller(waitsForOverlaps);
        traveller._world.CreateDevice();
        traveller.CreateUser("ada");
        traveller.CreateUser("bob");
        traveller.Put(field, value);
        await traveller._operator.StartAsync();
        await traveller._operator.RunForAsync(traveller._step);
        return traveller;
    }

    /// <summary>Sets the field to this value, or removes it, and waits until the device is at rest.</summary>
    public async Task GoToAsync(FieldTransition field, JsonNode? value)
    {
        Put(field, value);
        await _operator.RunForAsync(_step);
    }

    /// <summary>
    /// Everything that the outside sees, except what differs between devices: the password and its id, times, and
    /// counts of changes.
    /// </summary>
    public string Seen()
    {
        JsonObject[] secrets = [.. _world.SecretsOfDevice()];
        string text = string.Join('\n', secrets.Select(static secret => Stable(secret).ToJsonString()))
            + '\n' + string.Join('\n', _world.Slots.Of(World.Owner).Select(static slot => Stable(slot)))
            + '\n' + Stable(_world.Device!["status"]!.DeepClone()).ToJsonString();
        return secrets.Select(static secret => (string?)secret["metadata"]!["annotations"]?[Annotations.Credential])
            .OfType<string>()
            .Aggregate(text, static (seen, selector) => seen.Replace(selector, "******", StringComparison.Ordinal));
    }

    public void Dispose() => _operator.Dispose();

    private void Put(FieldTransition field, JsonNode? value)
    {
        void Edit(JsonObject spec)
        {
            if (value is not null)
            {
                field.Set(spec, value);
            }
        }

        if (field.Kind == "MailBackend")
        {
            _operator.EditBackend(Edit);
            return;
        }

        bool isOfUser = field.Kind == "MailUser";
        var spec = new JsonObject();
        Edit(spec);
        if (isOfUser)
        {
            _world.Cluster.Edit("mailusers", World.UserKey, user => user["spec"] = spec);
            spec = new JsonObject { ["userRef"] = new JsonObject { ["name"] = World.UserKey.Name } };
        }

        spec["mailbox"] ??= World.Mailbox;
        _world.EditDevice(device => device["spec"] = spec);
    }

    private void CreateUser(string name) => _world.Cluster.Create("mailusers", World.UserKey.Namespace, new JsonObject
    {
        ["metadata"] = new JsonObject { ["name"] = name },
        ["spec"] = new JsonObject(),
    });

    private static JsonObject Stable(JsonObject secret)
    {
        var stable = (JsonObject)secret.DeepClone();
        JsonObject metadata = stable["metadata"]!.AsObject();
        string[] changing = ["uid", "resourceVersion", "creationTimestamp", "generation"];
        Array.ForEach(changing, name => metadata.Remove(name));
        string[] bookkeeping =
        [
            Annotations.Epoch, Annotations.IssuedAt, Annotations.Retiring, Annotations.Digest, Annotations.Identity,
        ];
        Array.ForEach(bookkeeping, name => metadata["annotations"]?.AsObject().Remove(name));
        string password = Text(stable["data"]!["password"]!);
        JsonObject data = stable["data"]!.AsObject();
        foreach ((string key, JsonNode? value) in data.ToArray())
        {
            data[key] = Text(value!).Replace(password, "***", StringComparison.Ordinal);
        }

        return (JsonObject)Ordered(stable);
    }

    private static string Stable(Slot slot) =>
        $"{slot.Mailbox} intact={slot.IsIntact} {JsonSerializer.Serialize(slot.Restrictions, ApiJson.Options)}";

    private static JsonNode Stable(JsonNode status)
    {
        string[] changing =
        [
            "observedGeneration", "enforcedGeneration", "generation", "epoch", "lastTransitionTime",
            "issuedAt", "nextRotationTime", "retireAt", "secretDigest",
        ];
        switch (status)
        {
            case JsonObject map:
                foreach (string name in changing.Where(map.ContainsKey))
                {
                    map[name] = "some";
                }

                foreach ((_, JsonNode? value) in map)
                {
                    Stable(value!);
                }

                break;
            case JsonArray list:
                foreach (JsonNode? item in list)
                {
                    Stable(item!);
                }

                break;
        }

        return status;
    }

    // A key that was removed and added again comes last. The order is no difference.
    private static JsonNode Ordered(JsonNode node) => node is JsonObject map
        ? new JsonObject(map.OrderBy(static pair => pair.Key, StringComparer.Ordinal)
            .Select(static pair => KeyValuePair.Create(pair.Key, pair.Value is null ? null : Ordered(pair.Value))))
        : node.DeepClone();

    private static string Text(JsonNode base64) => Encoding.UTF8.GetString(Convert.FromBase64String((string)base64!));
}
