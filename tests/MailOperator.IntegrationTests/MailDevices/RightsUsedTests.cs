using System.Text.Json.Nodes;
using MailOperator.IntegrationTests.Bed;
using MailOperator.IntegrationTests.DeviceInvitations;

namespace MailOperator.IntegrationTests.MailDevices;

/// <summary>Checks that the tests of devices and users, with a claimed invitation, have used every right.</summary>
[Collection(CollectionsByName.Closing)]
public sealed class RightsUsedTests : InvitationTest
{
    [Fact]
    public async Task Rights_ThatTheChartGives_WereAllUsed()
    {
        await ClaimedAsync("invited", "ada-rights@example.com");
        HashSet<(string, string, string)> used = [.. AuditLog.Requests()
            .Where(request => request.Code < 400)
            .Select(request => (request.Group, request.Resource, request.Verb))];

        string[] unused =
        [
            .. from rule in ShippedRights.ClusterRules.Concat(ShippedRights.NamespaceRules)
               from @group in Strings(rule, "apiGroups")
               from resource in Strings(rule, "resources")
               from verb in Strings(rule, "verbs")
               where !used.Contains((@group, resource, verb))
               select $"{verb} {resource} of '{@group}'",
        ];

        Assert.Empty(unused.Distinct());
    }

    private static IEnumerable<string> Strings(JsonObject rule, string key) =>
        rule[key]!.AsArray().Select(static value => (string)value!);
}
