using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.MailDevices.Secrets;

namespace MailOperator.UnitTests.MailDevices.CrashPoints;

/// <summary>Judges the device at rest: its Secret, its slots, its status and the workloads that it restarts.</summary>
internal sealed class RestOracle(World world, Oracle oracle)
{
    private static readonly string[] TemplateKeys = ["A", "B", "DSN"];

    /// <summary>At rest: exactly one Secret, whose password works, and no slot but what it names.</summary>
    public void Judge()
    {
        JsonObject? device = world.Device;
        string[] selectors = [.. world.Slots.Of(World.Owner).Select(static slot => slot.Selector)];
        if (device is null || world.HasEnded)
        {
            oracle.Expect(
                oracle.IsRetained || selectors.Length == 0,
                $"the device has ended and its slots {string.Join(',', selectors)} have not");
            oracle.Expect(
                !oracle.IsRetained
                || (selectors.Length > 0 && world.Slots.Of(World.Owner).All(static slot => slot.IsRetained)),
                "a slot that was to be retained is not, or is not marked so");
            oracle.Expect(!world.SecretsOfDevice().Any(), "the device has ended and its Secret is there");
            string reason = world.IsGrantRevoked ? Reasons.NotAllowed
                : world.IsClaimLost ? Reasons.HeldByPerson
                : Reasons.Expired;
            oracle.Expect(
                device is null || Ready(device)?["reason"]?.GetValue<string>() == reason, $"it does not say {reason}");
            return;
        }

        JsonObject[] secrets = [.. world.SecretsOfDevice()];
        oracle.Expect(secrets.Length == 1, $"{secrets.Length} Secrets at rest");
        foreach (JsonObject secret in secrets)
        {
            string current = Oracle.Annotation(secret, Annotations.Credential);
            string[] named = [current, .. CredentialAnnotations.ParseRetiring(
                Oracle.Annotation(secret, Annotations.Retiring))
                .Where(retiring => retiring.At > world.Clock.GetUtcNow()).Select(static retiring => retiring.Selector)];
            string slots = $"slots {string.Join(',', selectors)} where the Secret names {string.Join(',', named)}";
            oracle.Expect(selectors.Contains(current), slots);
            oracle.Expect(selectors.All(named.Contains), slots);
            oracle.Expect(
                oracle.Claimed is not null ? IsKept(secret, oracle.Claimed) : Oracle.PasswordOf(secret) is { } shown
                    && (oracle.Chosen.Contains(shown) || world.Slots.IsIssuing || shown[..6] == current),
                "the Secret names another credential than it holds");
            JudgeRestarts(secret, current);
            JudgeTemplates(device["spec"]!["secret"]?["data"] as JsonObject, secret["data"]!.AsObject());
            JudgeStatus(device, current);
        }
    }

    private bool IsKept(JsonObject secret, string password) =>
        secret["data"]!["password"] is null && secret["data"]!["uri"] is null
        && ObjectFields.Text(secret["data"] as JsonObject, "hash") is { } hash && oracle.Verify(password, hash);

    /// <summary>
    /// A workload is restarted at most once for each password after the first, and always for the last one.
    /// </summary>
    private void JudgeRestarts(JsonObject secret, string current)
    {
        foreach (JsonObject workload in world.Cluster.All("deployments").Concat(world.Cluster.All("daemonsets")))
        {
            int restarts = workload["metadata"]!["generation"]!.GetValue<int>() - 1;
            string name = workload["metadata"]!["name"]!.GetValue<string>();
            oracle.Expect(restarts < oracle.Issued, $"{restarts} restarts of {name} for {oracle.Issued} passwords");
            oracle.Expect(
                oracle.Issued == 1
                || workload["spec"]!["template"]!["metadata"]!["annotations"]?["restart.mailoperator.io/"
                    + $"{World.DeviceKey.Name}"]?.GetValue<string>() == current,
                $"{name} was not restarted for the password that the Secret holds");
        }

        oracle.Expect(
            secret["metadata"]!["annotations"]![Annotations.RestartOwed] is null, "at rest a restart is still owed");
    }

    /// <summary>
    /// Of the keys A, B and DSN, the Secret has exactly those of the spec, rendered with its current password.
    /// </summary>
    private void JudgeTemplates(JsonObject? wanted, JsonObject data)
    {
        string[] names = [.. TemplateKeys.Where(data.ContainsKey)];
        oracle.Expect(
            names.SequenceEqual(TemplateKeys.Where(name => wanted?.ContainsKey(name) ?? false)),
            $"the Secret has {string.Join(',', names)} of the templates");
        oracle.Expect(
            !data.ContainsKey("DSN") || ObjectFields.Text(data, "DSN")!.Contains(
                ObjectFields.Text(data, "password")!,
                StringComparison.Ordinal), "a template shows another password than the Secret");
    }

    private void JudgeStatus(JsonObject device, string current)
    {
        bool isSuspended = (device["spec"]!["suspended"] ?? world.User?["suspended"])?.GetValue<bool>() ?? false;
        bool maySend = world.User?["sending"]?.GetValue<string>() != "Denied";
        JsonNode? ready = Ready(device);
        oracle.Expect(
            (ready?["status"]?.GetValue<string>() == "True") == !isSuspended,
            $"at rest the status says {ready?.ToJsonString() ?? "nothing"}");
        oracle.Expect(
            JsonNode.DeepEquals(device["status"]?["observedGeneration"], device["metadata"]!["generation"]),
            "the status is of another generation");
        oracle.Expect(
            device["status"]?["credentials"]?[0]?["id"]?.GetValue<string>() == current,
            "the status shows another credential");
        oracle.Expect(
            world.Slots.Of(World.Owner).All(slot => slot.Restrictions.MaySend == maySend),
            "a slot may send though the user may not, or the other way round");
        oracle.Expect(
            world.Slots.Of(World.Owner).All(slot => slot.Restrictions.IsSuspended == isSuspended),
            "a slot is not suspended as the spec says");
    }

    private static JsonNode? Ready(JsonObject device) => device["status"]?["conditions"]?[0];
}
