using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Kubernetes;
using MailOperator.Tests;

namespace MailOperator.IntegrationTests.DeviceInvitations;

/// <summary>Each field of an invitation, changed after its creation.</summary>
public sealed class FieldTests : InvitationTest
{
    private static readonly (string Name, string First, string Second, bool IsFixed)[] Fields =
    [
        ("backendRef", "{name: dovecot}", "{name: another}", true),
        ("mailbox", "ada-field@example.com", "boss@example.com", true),
        ("userRef", "{name: ada}", "{name: boss}", true),
        ("device", "{displayName: Phone, protocols: [IMAP]}", "{displayName: Phone, protocols: [IMAP, SMTP]}", true),
        ("expireAfter", "7d", "30d", true),
        ("chosenPassword", "Denied", "Allowed", true),
        ("linkSecret", "{name: one}", "{name: another}", true),
        ("delivery", "{email: {to: ada@example.org}}", "{email: {to: ada@example.net, language: de}}", false),
    ];

    public static TheoryData<string> Names => [.. Fields.Select(static one => one.Name)];

    [Fact]
    public void Fields_AreThoseOfTheSchema() => Assert.Equal(
        CustomResourceDefinition.OfKind("DeviceInvitation").Schema
            .Property("spec")!.Properties
            .Select(static one => one.Path["spec.".Length..])
            .Order(StringComparer.Ordinal),
        Fields.Select(static one => one.Name).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Field_Changed_IsRefusedWithTheWayOut_UnlessItIsTheDelivery(string name)
    {
        (_, string first, string second, bool isFixed) = Fields.Single(one => one.Name == name);
        bool isRequired = name is "mailbox" or "userRef";
        await InviteAsync("with", "ada-field@example.com", isRequired ? "" : $"{name}: {first}");

        await ChangeAsync("with", second);
        if (!isRequired)
        {
            await ChangeAsync("with", "null");
            await InviteAsync("without", "ada-field@example.com");
            await ChangeAsync("without", second);
        }

        async Task ChangeAsync(string invitation, string value)
        {
            Task change = Cluster.MergeAsync(
                ApiGroup.DeviceInvitations, Key(invitation), $"{{spec: {{{name}: {value}}}}}");
            if (!isFixed)
            {
                await change;
                return;
            }

            ApiException refused = await Assert.ThrowsAsync<ApiException>(() => change);
            Assert.True(refused.IsInvalid, refused.Message);
            Assert.Contains(
                $"{name} cannot be changed, because the link may be in somebody's hands; "
                + "delete the invitation and make another", refused.Message);
        }
    }
}
