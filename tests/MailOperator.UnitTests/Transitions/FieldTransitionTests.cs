using System.Text.Json.Nodes;
using MailOperator.Tests;

namespace MailOperator.UnitTests.Transitions;

/// <summary>
/// Sets, changes, unsets and breaks every field of every spec, and sets it again. The device must end like one that was
/// created with that spec, whatever its history. The fields and their values come from the schemas.
/// </summary>
public sealed class FieldTransitionTests
{
    /// <summary>
    /// Fields whose invalid value leaves a device ready: the API server or the MailBackend's status refuses it, and a
    /// device does not use it.
    /// </summary>
    private static readonly HashSet<string> Harmless =
    [
        "MailDevice.spec.displayName", CostsAPassword,
        "MailUser.spec.displayName", "MailUser.spec.emailAddress", "MailUser.spec.externalId",
        "MailBackend.spec.maxRotationsPerMinute", "MailBackend.spec.orphans.grace",
        // A device that has a password does not depend on these.
        "MailBackend.spec.grantWithdrawn", "MailBackend.spec.hashing.workFactor", "MailBackend.spec.orphans.policy",
        "MailBackend.spec.verification", "MailBackend.spec.dovecot.doveadm[].url",
        "MailBackend.spec.dovecot.doveadm[].authCache", "MailBackend.spec.dovecot.doveadm[].credentialsSecret.name",
        // The device is not rotated by interval.
        "MailBackend.spec.rotation.window.cron", "MailBackend.spec.rotation.window.duration",
        "MailBackend.spec.rotation.window.timeZone",
        // The sample is above any count.
        "MailBackend.spec.grants[].maxDevicesPerMailbox", "MailBackend.spec.grants[].maxDevicesPerNamespace",
        "MailBackend.spec.client.imap.host", "MailBackend.spec.client.imap.port",
        "MailBackend.spec.client.pop3.host", "MailBackend.spec.client.pop3.port",
        "MailBackend.spec.client.smtp.host", "MailBackend.spec.client.smtp.port",
        // Only a new password has these problems with its MailBackend.
        "MailBackend.spec.hashing.workFactor", "MailBackend.spec.dovecot.doveadm[].url",
        "MailBackend.spec.dovecot.doveadm[].credentialsSecret.name", "MailBackend.spec.dovecot.doveadm[].authCache",
        "MailBackend.spec.verification",
        // They concern orphans and withdrawn grants.
        "MailBackend.spec.grantWithdrawn", "MailBackend.spec.orphans.policy",
        // A window concerns only what has an interval.
        "MailBackend.spec.rotation.window.cron", "MailBackend.spec.rotation.window.duration",
        "MailBackend.spec.rotation.window.timeZone",
    ];

    /// <summary>
    /// A Secret of another name gets a new password, because readers of the old Secret may have no access to the new
    /// one.
    /// </summary>
    private const string CostsAPassword = "MailDevice.spec.secret.name";

    public static TheoryData<string> Fields => [.. All.Select(static one => one.ToString())];

    // Only the delivery of an invitation can be changed, so it has no history that could show.
    private static IEnumerable<FieldTransition> All =>
        CustomResourceDefinition.All.Where(static crd => crd.Kind != "DeviceInvitation")
            .SelectMany(static crd => FieldTransition.Of(crd.Kind));

    [Theory]
    [MemberData(nameof(Fields))]
    public async Task Field_SetChangedUnsetInvalidAndBack_LeavesNoTrace(string name)
    {
        FieldTransition field = All.Single(one => one.ToString() == name);
        bool costsAPassword = name == CostsAPassword;
        using Traveller traveller = await Traveller.StartAsync(field, null, costsAPassword);
        string without = traveller.Seen();

        await traveller.GoToAsync(field, field.First);
        Assert.Equal(await FreshAsync(field, field.First), traveller.Seen());
        await traveller.GoToAsync(field, field.Second);
        Assert.Equal(await FreshAsync(field, field.Second), traveller.Seen());
        await traveller.GoToAsync(field, null);
        Assert.Equal(without, traveller.Seen());

        await traveller.GoToAsync(field, field.Invalid);
        Assert.Equal(Harmless.Contains(name), traveller.IsReady); // an old API server lets it through
        await traveller.GoToAsync(field, field.First);
        Assert.Equal(await FreshAsync(field, field.First), traveller.Seen());

        Assert.Empty(traveller.Violations); // above all, the password in the Secret was accepted all the time
        Assert.Equal(costsAPassword ? 6 : 1, traveller.PasswordsIssued);
    }

    [Fact]
    public void Samples_Lines_AreOfFieldsThatExist()
    {
        HashSet<string> paths = [.. CustomResourceDefinition.All.SelectMany(
            static crd => crd.Schema.All().Select(node => $"{crd.Kind}.{node.Path}"))];

        Assert.Empty(FieldSamples.Values.Keys.Concat(FieldSamples.Invalid.Keys)
            .Concat(FieldSamples.Excludes.Keys)
            .Concat(FieldSamples.Elsewhere.Keys)
            .Except(paths));
    }

    [Fact]
    public void Fields_OfADevice_CoverItsSpec() =>
        Assert.Equal(
            CustomResourceDefinition.OfKind("MailDevice").Schema
                .Property("spec")!.Properties
                .Select(static one => one.Path)
                .Order(StringComparer.Ordinal),
            FieldTransition.Of("MailDevice").Select(static one => string.Join('.', one.Path.Split('.').Take(2)))
                .Concat(FieldSamples.Elsewhere.Keys.Where(
                    static path => path.StartsWith("MailDevice.", StringComparison.Ordinal))
                    .Select(static path => string.Join('.', path.Split('.').Skip(1).Take(2))))
                .Distinct().Order(StringComparer.Ordinal));

    private static async Task<string> FreshAsync(FieldTransition field, JsonNode value)
    {
        using Traveller fresh = await Traveller.StartAsync(field, value);
        return fresh.Seen();
    }
}
