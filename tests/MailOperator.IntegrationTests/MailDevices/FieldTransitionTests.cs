using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Kubernetes;
using MailOperator.Tests;

namespace MailOperator.IntegrationTests.MailDevices;

/// <summary>A few of the field transitions of the unit tests, on real servers.</summary>
public sealed partial class FieldTransitionTests : OperatorTest
{
    [Theory]
    [InlineData("spec.protocols")]
    [InlineData("spec.allowedNetworks")]
    [InlineData("spec.suspended")]
    [InlineData("spec.secret.labels")]
    [InlineData("spec.secret.type")]
    public async Task Field_SetChangedUnsetInvalidAndBack_EndsAsADeviceMadeWithIt(string path)
    {
        FieldTransition field = FieldTransition.Of("MailDevice").Single(one => one.Path == path);
        await Cluster.CreateDeviceAsync(Namespace, "traveller", Spec(field, null).ToJsonString());
        await Cluster.CreateDeviceAsync(Namespace, "fresh", Spec(field, field.First).ToJsonString());
        string password = (await SettledAsync("traveller"))["password"];

        foreach (JsonNode? value in (JsonNode?[])[field.First, field.Second, null, field.First])
        {
            await ReplaceAsync(Spec(field, value));
            await SettledAsync("traveller");
            ApiException refused = await Assert.ThrowsAsync<ApiException>(
                () => ReplaceAsync(Spec(field, field.Invalid)));
            Assert.True(refused.IsInvalid, refused.Message);
        }

        Assert.Equal(await SeenAsync("fresh"), await SeenAsync("traveller"));
        Assert.Equal(password, (await Bed.SecretAsync(Key("traveller")))["password"]);
    }

    private static JsonObject Spec(FieldTransition field, JsonNode? value)
    {
        var spec = new JsonObject { ["mailbox"] = "field@example.com", ["displayName"] = "Field" };
        if (value is not null)
        {
            field.Set(spec, value);
        }

        return spec;
    }

    private async Task ReplaceAsync(JsonObject spec) => await Cluster.Api.JsonPatchAsync(
        ApiGroup.MailDevices, Key("traveller"), null,
        Encoding.UTF8.GetBytes(
            new JsonArray(new JsonObject { ["op"] = "replace", ["path"] = "/spec", ["value"] = spec }).ToJsonString()),
        TestContext.Current.CancellationToken);

    private async Task<DeviceSecret> SettledAsync(string name)
    {
        await Bed.WaitForDeviceAsync(Key(name), "CredentialIssued", "True");
        return await Bed.SecretAsync(Key(name));
    }

    /// <summary>
    /// Secret, lines of the passwd-file and conditions, without the values that differ for each device.
    /// </summary>
    private async Task<string> SeenAsync(string name)
    {
        JsonObject device = await Bed.WaitForDeviceAsync(Key(name), "CredentialIssued", "True");
        DeviceSecret secret = await SettledAsync(name);
        string selector = secret["password"][..6];
        IEnumerable<string> data = secret.Keys.Where(static key => key is not ("password" or "uri"))
            .Order(StringComparer.Ordinal)
            .Select(key => $"{key}={secret[key]}");
        IEnumerable<string> lines = Bed.PasswdLines(device).Select(static line => Hash().Replace(line, "HASH"));
        IEnumerable<string> conditions = device["status"]!["conditions"]!.AsArray()
            .Select(static one => $"{one!["type"]}={one["status"]} {one["reason"]} {one["message"]}");
        string seen = string.Join(
            '\n',
            [
                (string)secret.Json["type"]!,
                secret.Json["metadata"]!["labels"]!.ToJsonString(),
                .. data,
                .. lines,
                .. conditions,
            ]);
        return Issued().Replace(seen, "ISSUED").Replace(selector, "SELECTOR", StringComparison.Ordinal)
            .Replace((string)device["metadata"]!["uid"]!, "UID", StringComparison.Ordinal)
            .Replace(name, "NAME", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"\$2y\$[^:]+")]
    private static partial Regex Hash();

    [GeneratedRegex(@"mailoperator_issued=\S+")]
    private static partial Regex Issued();
}
